import pytest
from PySide6.QtWidgets import QLabel, QPushButton, QTreeWidget

from crashdesk.agent.ui.outbox_window import OutboxWindow
from crashdesk.outbox.store import Outbox, State
from support.waiting_reports import event, put
from support.windows import NOW, child, shown


@pytest.fixture
def outbox_window(qtbot, outbox: Outbox):
    acts: list[tuple[str, int]] = []

    def open_window(trouble: str | None = None) -> OutboxWindow:
        window = OutboxWindow(
            "Fieldbook", lambda number: acts.append(("send", number)), lambda number: acts.append(("delete", number))
        )
        window.show_reports(outbox.reports()[::-1], NOW, trouble)
        return shown(qtbot, window)

    open_window.acts = acts
    return open_window


def states(window: OutboxWindow) -> list[str]:
    reports = child(window, QTreeWidget, "outboxReports")
    return [reports.topLevelItem(row).text(2) for row in range(reports.topLevelItemCount())]


def claimed(outbox: Outbox):
    put(outbox, event(), state=State.READY)
    return outbox.claim()[0]


def test_no_reports_says_what_will_stand_here(outbox_window) -> None:
    assert child(outbox_window(), QLabel, "outboxEmpty").isVisible()


def test_each_state_is_told_with_its_reason_and_what_comes_next(outbox: Outbox, outbox_window) -> None:
    put(outbox)
    outbox.done(claimed(outbox))
    outbox.later(claimed(outbox), 300, "The server could not be reached.")
    outbox.park(claimed(outbox), "The server refused this report (413).")
    told = states(outbox_window())
    assert told[0] == "Not sent: The server refused this report (413)."
    assert told[1] == "Tried again in about 5 min: The server could not be reached."
    assert told[2].startswith("Sent today, ")
    assert told[3] == "Waits for your answer"


def test_waiting_report_can_be_sent_or_deleted(outbox: Outbox, outbox_window) -> None:
    number = put(outbox)
    window = outbox_window()
    child(window, QPushButton, "outboxSend").click()
    child(window, QPushButton, "outboxDelete").click()
    assert outbox_window.acts == [("send", number), ("delete", number)]


def test_sent_report_can_be_neither_sent_nor_deleted(outbox: Outbox, outbox_window) -> None:
    outbox.done(claimed(outbox))
    window = outbox_window()
    assert not child(window, QPushButton, "outboxSend").isEnabled()
    assert not child(window, QPushButton, "outboxDelete").isEnabled()


def test_chosen_report_stays_chosen_when_the_list_changes(outbox: Outbox, outbox_window) -> None:
    put(outbox)
    window = outbox_window()
    put(outbox, event())
    window.show_reports(outbox.reports()[::-1], NOW)
    reports = child(window, QTreeWidget, "outboxReports")
    assert reports.indexOfTopLevelItem(reports.currentItem()) == 1


def test_reason_why_nothing_can_be_sent_stands_above_the_list(outbox: Outbox, outbox_window) -> None:
    outbox.later(claimed(outbox), 300, "The server could not be reached.")
    window = outbox_window("The server could not be reached.")
    assert child(window, QLabel, "outboxTrouble").isVisible()


def test_old_trouble_is_not_shown_when_nothing_waits_for_it(outbox: Outbox, outbox_window) -> None:
    put(outbox)
    assert not child(outbox_window("The server could not be reached."), QLabel, "outboxTrouble").isVisible()

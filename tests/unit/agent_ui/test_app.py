import threading

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QPushButton

from crashdesk.agent.ui.app import run_ui
from crashdesk.outbox.notices import Notices
from crashdesk.outbox.store import Outbox, State
from support.waiting_reports import put


class Sending:
    """A sending loop that delivers at once what may be sent, as the uploader does with a server that answers."""

    trouble = None

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self.thread: threading.Thread | None = None
        self.has_ended = threading.Event()

    def run(self, stop: threading.Event) -> None:
        self.thread = threading.current_thread()
        while not stop.wait(0.02):
            for report in self._outbox.claim():
                self._outbox.done(report)
        self.has_ended.set()


def run(outbox: Outbox, sending: Sending, idle_seconds: float | None) -> bool:
    return run_ui(
        outbox, sending, Notices(outbox), product="Fieldbook", directory=outbox.directory, idle_seconds=idle_seconds
    )


def soon(action) -> None:
    """Do `action` as soon as it says yes; the event loop of the agent runs meanwhile."""

    def attempt() -> None:
        if not action():
            QTimer.singleShot(20, attempt)

    attempt()


def test_agent_ends_by_itself_when_there_is_nothing_to_do(qapp, outbox: Outbox) -> None:
    sending = Sending(outbox)
    assert not run(outbox, sending, 0.3)
    assert sending.has_ended.is_set()
    assert sending.thread is not threading.main_thread()


def test_agent_stays_until_the_report_is_answered_and_sent(qapp, outbox: Outbox) -> None:
    number = put(outbox)

    def press_send() -> bool:
        windows = [one for one in QApplication.topLevelWidgets() if one.objectName() == "crashWindow"]
        for window in windows:
            window.findChild(QPushButton, "crashSend").click()
        return bool(windows)

    soon(press_send)
    assert not run(outbox, Sending(outbox), 0.3)
    assert outbox.get(number).state is State.DONE


def test_agent_ends_when_told_and_keeps_what_was_not_answered(qapp, outbox: Outbox) -> None:
    number = put(outbox)
    soon(lambda: bool(QApplication.topLevelWidgets()) and not Notices(outbox).post("quit"))
    assert run(outbox, Sending(outbox), None), "told so, it does not look for more to do"
    assert outbox.get(number).state is State.WAITING

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QCheckBox, QLabel, QLineEdit, QPlainTextEdit, QPushButton, QRadioButton

from crashdesk.agent.ui.background import Background
from crashdesk.agent.ui.crash_window import CrashWindow
from crashdesk.agent.ui.desk import Desk
from crashdesk.agent.ui.problem_desk import MAX_WINDOWS
from crashdesk.outbox.notices import Consent, Notices
from crashdesk.outbox.store import Outbox, State
from crashdesk.protocol.envelope import Envelope, Item
from crashdesk.protocol.feedback import Feedback
from support.waiting_reports import DSN, event, put
from support.windows import child


@pytest.fixture
def desk(qtbot, outbox: Outbox, background: Background) -> Iterator[Desk]:
    made = Desk(outbox, Notices(outbox), background, "Fieldbook", idle_seconds=None)
    made.start()
    yield made
    made.close()
    qtbot.waitUntil(lambda: not background.is_busy)


@pytest.fixture
def crash(qtbot, desk: Desk):
    """Return the one crash window, once it stands."""

    def window() -> CrashWindow:
        qtbot.waitUntil(lambda: len(desk.problems.windows) == 1)
        return desk.problems.windows[0]

    return window


def press(window, name: str) -> None:
    child(window, QPushButton, name).click()


def test_waiting_report_opens_a_window(outbox: Outbox, crash) -> None:
    put(outbox)
    assert crash().windowTitle() == "Fieldbook had to close"


def test_words_reach_the_outbox_with_the_report(qtbot, outbox: Outbox, crash) -> None:
    number = put(outbox)
    window = crash()
    window.words.fill("I removed a row")
    press(window, "crashSend")
    qtbot.waitUntil(lambda: outbox.get(number).state is State.READY)
    sent = Envelope.parse(outbox.get(number).envelope)
    assert [item.type for item in sent.items] == ["event", "feedback"]
    assert Feedback.from_event(sent.items[1].json()).message == "I removed a row"


def test_report_sent_without_a_word_keeps_its_bytes(qtbot, outbox: Outbox, crash) -> None:
    number = put(outbox)
    before = outbox.get(number).envelope
    press(crash(), "crashSend")
    qtbot.waitUntil(lambda: outbox.get(number).state is State.READY)
    assert outbox.get(number).envelope == before


def test_refused_report_is_gone(qtbot, outbox: Outbox, crash) -> None:
    number = put(outbox)
    press(crash(), "crashDontSend")
    qtbot.waitUntil(lambda: outbox.get(number) is None)


def test_later_keeps_the_report_waiting_and_does_not_ask_again_in_this_run(qtbot, outbox: Outbox, desk, crash) -> None:
    number = put(outbox)
    crash().words.fill("half a thought")
    press(crash(), "crashLater")
    qtbot.waitUntil(lambda: outbox.fact(f"draft:{number}") is not None)
    put(outbox, event(), likeness="1-00000000000000bb")
    qtbot.waitUntil(lambda: len(desk.problems.windows) == 1)
    assert desk.problems.windows[0].case.likeness == "1-00000000000000bb"
    assert outbox.get(number).state is State.WAITING


def test_next_agent_asks_again_with_the_words_kept(qtbot, outbox: Outbox, background, crash, desk) -> None:
    put(outbox)
    crash().words.fill("half a thought")
    press(crash(), "crashLater")
    qtbot.waitUntil(lambda: not desk.problems.is_busy)
    desk.close()
    other = Desk(outbox, Notices(outbox), background, "Fieldbook", idle_seconds=None)
    other.start()
    try:
        qtbot.waitUntil(lambda: len(other.problems.windows) == 1)
        assert other.problems.windows[0].words.words() == "half a thought"
    finally:
        other.close()


def test_equal_reports_share_one_window_that_counts(qtbot, outbox: Outbox, crash) -> None:
    put(outbox)
    window = crash()
    put(outbox)
    put(outbox)
    story = child(window, QLabel, "crashStory")
    qtbot.waitUntil(lambda: "This happened 3 times." in story.text())


def test_answer_covers_all_equal_reports_and_words_go_with_the_newest(qtbot, outbox: Outbox, crash) -> None:
    numbers = [put(outbox), put(outbox)]
    window = crash()
    window.words.fill("words")
    press(window, "crashSend")
    qtbot.waitUntil(lambda: outbox.count(State.READY) == 2)
    items = [len(Envelope.parse(outbox.get(number).envelope).items) for number in numbers]
    assert items == [1, 2]


def test_repeat_in_the_same_run_is_answered_without_asking(qtbot, outbox: Outbox, desk: Desk, crash) -> None:
    put(outbox)
    press(crash(), "crashSend")
    put(outbox)
    qtbot.waitUntil(lambda: outbox.count(State.READY) == 2)
    assert not desk.problems.windows


def test_do_not_ask_again_holds_for_the_next_agent(qtbot, outbox: Outbox, background, crash, desk) -> None:
    put(outbox)
    window = crash()
    child(window, QCheckBox, "crashDontAskAgain").click()
    press(window, "crashDontSend")
    qtbot.waitUntil(lambda: outbox.count(State.WAITING) == 0)
    desk.close()
    other = Desk(outbox, Notices(outbox), background, "Fieldbook", idle_seconds=None)
    other.start()
    try:
        put(outbox)
        qtbot.waitUntil(lambda: outbox.count(State.WAITING) == 0)
        assert not other.problems.windows
    finally:
        other.close()


def test_many_problems_do_not_fill_the_screen(qtbot, outbox: Outbox, desk: Desk) -> None:
    for number in range(MAX_WINDOWS + 2):
        put(outbox, event(), likeness=f"1-{number:016x}")
    qtbot.waitUntil(lambda: len(desk.problems.windows) == MAX_WINDOWS)
    press(desk.problems.windows[0], "crashSend")
    qtbot.waitUntil(lambda: outbox.count(State.READY) == 1 and len(desk.problems.windows) == MAX_WINDOWS)


def test_address_is_remembered_for_the_next_time(qtbot, outbox: Outbox, crash) -> None:
    put(outbox)
    window = crash()
    child(window, QCheckBox, "crashContactAllowed").click()
    child(window, QLineEdit, "crashContact").setText("mia@example.org")
    press(window, "crashSend")
    qtbot.waitUntil(lambda: outbox.fact("contact") == "mia@example.org")
    put(outbox, event(), likeness="1-00000000000000bb")
    assert child(crash(), QLineEdit, "crashContact").text() == "mia@example.org"


def test_product_is_restarted_with_its_own_command(qtbot, outbox: Outbox, crash, tmp_path: Path) -> None:
    mark = tmp_path / "restarted"
    command = [sys.executable, "-c", f"open({str(mark)!r}, 'w').close()"]
    outbox.set_fact("restart_command", command)
    put(outbox, event("native"))
    press(crash(), "crashSendRestart")
    qtbot.waitUntil(mark.exists, timeout=20_000)


def test_restart_that_fails_is_logged(qtbot, outbox: Outbox, crash, desk, expected_logs) -> None:
    expected_logs("could not be started again")
    outbox.set_fact("restart_command", ["/no/such/program"])
    put(outbox, event("native"))
    press(crash(), "crashSendRestart")
    qtbot.waitUntil(lambda: outbox.count(State.READY) == 1 and not desk.problems.is_busy)


def test_always_sends_what_waits_with_the_words_in_open_windows(qtbot, outbox: Outbox, desk: Desk, crash) -> None:
    number = put(outbox)
    window = crash()
    window.words.fill("words")
    press(window, "crashSettings")
    consent = desk.sheets.windows[0]
    child(consent, QRadioButton, "consentGiven").click()
    press(consent, "consentSave")
    qtbot.waitUntil(lambda: Notices(outbox).consent is Consent.GIVEN)
    assert outbox.get(number).state is State.READY
    assert b"words" in outbox.get(number).envelope
    assert not desk.windows


def test_never_deletes_what_waits(qtbot, outbox: Outbox, desk: Desk, crash) -> None:
    put(outbox)
    press(crash(), "crashSettings")
    consent = desk.sheets.windows[0]
    child(consent, QRadioButton, "consentRefused").click()
    press(consent, "consentSave")
    qtbot.waitUntil(lambda: Notices(outbox).consent is Consent.REFUSED)
    assert outbox.count(State.WAITING) == 0


def test_notice_of_the_product_opens_the_feedback_window_once(qtbot, outbox: Outbox, desk: Desk) -> None:
    Notices(outbox).post("open_feedback", {"dsn": DSN, "product": "Fieldbook"})
    Notices(outbox).post("open_feedback", {"dsn": DSN})
    qtbot.waitUntil(lambda: bool(desk.sheets.windows))
    assert [window.objectName() for window in desk.sheets.windows] == ["feedbackWindow"]


def test_feedback_reaches_the_outbox_ready_and_withdrawable(qtbot, outbox: Outbox, desk: Desk) -> None:
    Notices(outbox).post("open_feedback", {"dsn": DSN, "release": "fieldbook@2.4.0"})
    qtbot.waitUntil(lambda: bool(desk.sheets.windows))
    window = desk.sheets.windows[0]
    child(window, QPlainTextEdit, "feedbackWords").setPlainText("Rows vanish\nin the table")
    press(window, "feedbackSend")
    qtbot.waitUntil(lambda: outbox.count(State.READY) == 1)
    report = outbox.get(outbox.reports()[0].id)
    envelope = Envelope.parse(report.envelope)
    assert (report.kind, report.title, report.dsn) == ("feedback", "Rows vanish", DSN)
    assert (envelope.event_id, report.withdrawal_secret) != (None, None)
    assert len(envelope.headers["withdrawal_digest"]) == 64


def test_feedback_goes_even_though_reports_are_refused(qtbot, outbox: Outbox, desk: Desk) -> None:
    Notices(outbox).set_consent(Consent.REFUSED)
    Notices(outbox).post("open_feedback", {"dsn": DSN})
    qtbot.waitUntil(lambda: bool(desk.sheets.windows))
    window = desk.sheets.windows[0]
    child(window, QPlainTextEdit, "feedbackWords").setPlainText("words")
    press(window, "feedbackSend")
    qtbot.waitUntil(lambda: outbox.count(State.READY) == 1)
    assert len(outbox.claim()) == 1


def test_feedback_draft_stands_in_the_next_window(qtbot, outbox: Outbox, desk: Desk) -> None:
    for words in ("half a thought", ""):
        Notices(outbox).post("open_feedback", {"dsn": DSN})
        qtbot.waitUntil(lambda: bool(desk.sheets.windows))
        box = child(desk.sheets.windows[0], QPlainTextEdit, "feedbackWords")
        if words:
            box.setPlainText(words)
            desk.sheets.windows[0].close()
            qtbot.waitUntil(lambda: desk._look.feedback_draft is not None)
    assert box.toPlainText() == "half a thought"


def test_second_start_shows_my_reports(qtbot, outbox: Outbox, desk: Desk) -> None:
    Notices(outbox).post("show")
    qtbot.waitUntil(lambda: bool(desk.sheets.windows))
    assert desk.sheets.windows[0].objectName() == "outboxWindow"


def test_waiting_report_can_be_sent_from_my_reports(qtbot, outbox: Outbox, desk: Desk, crash) -> None:
    put(outbox)
    press(crash(), "crashLater")
    desk.sheets.open_outbox(None)
    press(desk.sheets.windows[0], "outboxSend")
    qtbot.waitUntil(lambda: outbox.count(State.READY) == 1)


def test_report_sent_from_my_reports_takes_the_words_of_its_draft(qtbot, outbox: Outbox, desk: Desk, crash) -> None:
    number = put(outbox)
    crash().words.fill("half a thought")
    press(crash(), "crashLater")
    desk.sheets.open_outbox(None)
    press(desk.sheets.windows[0], "outboxSend")
    qtbot.waitUntil(lambda: outbox.get(number).state is State.READY)
    assert b"half a thought" in outbox.get(number).envelope


def test_picture_nobody_looked_at_is_never_sent(qtbot, outbox: Outbox, desk: Desk, crash) -> None:
    number = put(outbox, event(), Item.attachment("screenshot.png", b"pixels", "image/png"))
    press(crash(), "crashSettings")
    consent = desk.sheets.windows[0]
    child(consent, QRadioButton, "consentGiven").click()
    press(consent, "consentSave")
    qtbot.waitUntil(lambda: outbox.get(number).state is State.READY)
    assert b"pixels" not in outbox.get(number).envelope


def test_outbox_that_fails_is_told_in_the_window_and_logged_once(
    qtbot, outbox: Outbox, background, desk: Desk, crash, expected_logs
) -> None:
    expected_logs("the outbox cannot be used")
    put(outbox)
    window = crash()
    desk._fail("The disk is full: free some space.")
    desk._fail("The disk is full: free some space.")
    assert window.trouble.text() == "The disk is full: free some space."
    desk._look_anyway()
    qtbot.waitUntil(lambda: window.trouble.text() == "")


def test_size_a_person_gave_a_window_is_remembered(qtbot, outbox: Outbox, desk: Desk, crash) -> None:
    put(outbox)
    window = crash()
    window.resize(700, 600)
    press(window, "crashSend")
    qtbot.waitUntil(lambda: outbox.fact("windows") == {"crashWindow": [700, 600]})
    put(outbox, event(), likeness="1-00000000000000bb")
    assert crash().width() == 700


def test_settings_and_my_reports_are_reached_from_the_feedback_window(qtbot, outbox: Outbox, desk: Desk) -> None:
    """Where nothing is asked any more, no crash window leads there."""
    Notices(outbox).set_consent(Consent.REFUSED)
    Notices(outbox).post("open_feedback", {})
    for opener, name in (("feedbackSettings", "consentWindow"), ("consentReports", "outboxWindow")):
        qtbot.waitUntil(lambda opener=opener: _pressed(desk, opener))
        qtbot.waitUntil(lambda name=name: name in [window.objectName() for window in desk.windows])


def _pressed(desk: Desk, name: str) -> bool:
    found = [made for window in desk.windows for made in window.findChildren(QPushButton, name)]
    for made in found:
        made.click()
    return bool(found)

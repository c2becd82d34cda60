from pathlib import Path

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QRadioButton,
    QTreeWidget,
)

from crashdesk.agent.ui.crash_window import CrashWindow
from crashdesk.agent.ui.reply import Action, Reply
from crashdesk.protocol.envelope import Item
from support.waiting_reports import picture_file
from support.windows import child, is_open

ALT = Qt.KeyboardModifier.AltModifier


def answers(window: CrashWindow) -> list[Reply]:
    given: list[Reply] = []
    window.answered.connect(given.append)
    return given


def test_first_field_has_the_keyboard(crash_window) -> None:
    window = crash_window()
    assert window.focusWidget().objectName() == "crashWords"


def test_whole_answer_is_given_by_keyboard_alone(qtbot, crash_window) -> None:
    window = crash_window()
    given = answers(window)
    qtbot.keyClicks(window.focusWidget(), "I removed a row")
    qtbot.keyClick(window, Qt.Key.Key_O, ALT)
    qtbot.keyClick(window, Qt.Key.Key_B, ALT)
    qtbot.waitUntil(lambda: window.focusWidget().objectName() == "crashContact")
    qtbot.keyClicks(window.focusWidget(), "mia@example.org")
    qtbot.keyClick(window, Qt.Key.Key_S, ALT)
    qtbot.waitUntil(lambda: bool(given))
    assert given == [Reply(Action.SEND, "I removed a row", "sometimes", "mia@example.org")]
    assert not is_open(window)


@pytest.mark.parametrize("name", ["crashWords", "crashContact"])
def test_enter_in_a_text_box_sends_nothing(qtbot, crash_window, name: str) -> None:
    window = crash_window(contact="mia@example.org")
    given = answers(window)
    child(window, QCheckBox, "crashContactAllowed").setChecked(True)
    box = child(window, QPlainTextEdit if name == "crashWords" else QLineEdit, name)
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert not given
    assert window.isVisible()


def test_enter_on_a_button_presses_it(qtbot, crash_window) -> None:
    window = crash_window()
    given = answers(window)
    button = child(window, QPushButton, "crashDontSend")
    button.setFocus()
    qtbot.keyClick(button, Qt.Key.Key_Return)
    assert [reply.action for reply in given] == [Action.REFUSE]


def test_escape_keeps_the_report_and_the_words_for_later(qtbot, crash_window) -> None:
    window = crash_window()
    given = answers(window)
    qtbot.keyClicks(window.focusWidget(), "half a thou")
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Escape)
    assert given == [Reply(Action.LATER, "half a thou")]
    assert not is_open(window)


def test_closing_the_window_keeps_for_later_once(crash_window) -> None:
    window = crash_window()
    given = answers(window)
    window.close()
    assert [reply.action for reply in given] == [Action.LATER]


def test_tab_leaves_the_text_box(qtbot, crash_window) -> None:
    window = crash_window()
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
    assert window.focusWidget().objectName() == "everyTime"


def test_draft_is_kept_while_the_person_writes(qtbot, crash_window) -> None:
    window = crash_window()
    with qtbot.waitSignal(window.drafted, timeout=5000) as kept:
        qtbot.keyClicks(window.focusWidget(), "half")
    assert kept.args[0].words == "half"


def test_draft_stands_in_the_window_again(crash_window) -> None:
    draft = Reply(words="half a thought", how_often="first_time", contact="mia@example.org")
    window = crash_window(draft=draft)
    assert window.reply(Action.LATER) == draft


def test_address_of_last_time_is_filled_in_but_leave_is_not(crash_window) -> None:
    window = crash_window(contact="mia@example.org")
    assert child(window, QLineEdit, "crashContact").text() == "mia@example.org"
    assert window.reply(Action.SEND).contact is None


def test_address_that_is_none_is_not_sent_and_said_so(qtbot, crash_window) -> None:
    window = crash_window()
    given = answers(window)
    child(window, QCheckBox, "crashContactAllowed").setChecked(True)
    qtbot.keyClicks(child(window, QLineEdit, "crashContact"), "mia at home")
    child(window, QPushButton, "crashSend").click()
    assert not given
    assert any("name@example.org" in label.text() for label in window.findChildren(QLabel) if label.isVisible())
    assert window.focusWidget().objectName() == "crashContact"


def test_restart_is_offered_for_a_program_that_ended(crash_window, problem) -> None:
    window = crash_window(problem("native"), can_restart=True)
    given = answers(window)
    child(window, QPushButton, "crashSendRestart").click()
    assert given[0].is_restart_wanted


def test_restart_is_not_offered_for_a_program_that_went_on(crash_window, problem) -> None:
    window = crash_window(problem(program_went_on=True), can_restart=True)
    assert window.findChild(QPushButton, "crashSendRestart") is None


def test_restart_is_not_offered_when_the_next_start_has_told_of_it(crash_window, problem) -> None:
    window = crash_window(problem("native", told_at="next start"), can_restart=True)
    assert window.findChild(QPushButton, "crashSendRestart") is None


def test_do_not_ask_again_goes_with_the_answer(qtbot, crash_window) -> None:
    window = crash_window()
    given = answers(window)
    qtbot.keyClick(window, Qt.Key.Key_N, ALT)
    qtbot.keyClick(window, Qt.Key.Key_D, ALT)
    qtbot.waitUntil(lambda: bool(given))
    assert given == [Reply(Action.REFUSE, is_for_ever=True)]


def test_picture_is_only_sent_when_ticked(crash_window, problem, tmp_path: Path) -> None:
    picture = Item.attachment("screenshot.png", picture_file(tmp_path / "p.png"), "image/png")
    window = crash_window(problem("python", 1, picture))
    assert window.reply(Action.SEND).removed == {"file:1"}
    child(window, QCheckBox, "crashIncludePicture").click()
    assert not window.reply(Action.SEND).removed


def test_size_of_what_is_sent_follows_what_is_entered(qtbot, crash_window) -> None:
    window = crash_window()
    before = child(window, QLabel, "crashSent").text()
    qtbot.keyClicks(window.focusWidget(), "many words " * 100)
    qtbot.waitUntil(lambda: child(window, QLabel, "crashSent").text() != before)
    assert child(window, QLabel, "crashSent").text().startswith("What is sent: ")


def test_part_switched_off_in_the_preview_is_not_sent(qtbot, crash_window) -> None:
    window = crash_window()
    qtbot.keyClick(window, Qt.Key.Key_E, ALT)
    qtbot.waitUntil(lambda: window._preview is not None)
    preview = window._preview
    parts = child(preview, QTreeWidget, "previewParts")
    parts.setCurrentItem(parts.topLevelItem(1))
    qtbot.keyClick(parts, Qt.Key.Key_Space)
    qtbot.keyClick(preview, Qt.Key.Key_Escape)
    assert window.reply(Action.SEND).removed == {"steps"}


def test_repeat_while_the_window_is_open_is_only_counted(qtbot, crash_window, problem) -> None:
    window = crash_window(problem(program_went_on=True))
    qtbot.keyClicks(window.focusWidget(), "my words")
    window.add_repeats(problem("python", 3, program_went_on=True))
    assert "This happened 3 times." in child(window, QLabel, "crashStory").text()
    assert window.reply(Action.SEND).words == "my words"


def test_markup_in_a_report_is_shown_as_it_is(crash_window, problem) -> None:
    about = problem()
    about.newest.event.payload["breadcrumbs"]["values"][-1]["message"] = "<b>bold</b> <img src=x>"
    label = child(crash_window(about), QLabel, "crashStory")
    assert "<b>bold</b>" in label.text()
    assert label.textFormat() is Qt.TextFormat.PlainText


def test_window_needs_no_scrolling_at_its_own_size(crash_window, problem) -> None:
    window = crash_window(problem(program_went_on=True), consent_in_words="You are asked before each report.")
    assert not window.view.verticalScrollBar().isVisible()
    assert not window.view.horizontalScrollBar().isVisible()


def test_size_a_person_gave_is_taken_unless_it_would_cut_something(crash_window) -> None:
    wide = crash_window(size=QSize(700, 100))
    assert wide.width() == 700
    assert wide.height() > 300


def test_choice_of_how_often_is_made_with_its_letter(qtbot, crash_window) -> None:
    window = crash_window()
    qtbot.keyClick(window, Qt.Key.Key_F, ALT)
    qtbot.waitUntil(child(window, QRadioButton, "firstTime").isChecked)


def test_window_makes_room_for_what_is_wrong_with_the_address(qtbot, crash_window) -> None:
    window = crash_window()
    child(window, QCheckBox, "crashContactAllowed").setChecked(True)
    child(window, QLineEdit, "crashContact").setText("mia")
    before = window.height()
    child(window, QPushButton, "crashSend").click()
    qtbot.waitUntil(lambda: window.height() > before)
    QApplication.processEvents()
    bars = (window.view.verticalScrollBar(), window.view.horizontalScrollBar())
    assert not any(bar.isVisible() for bar in bars)

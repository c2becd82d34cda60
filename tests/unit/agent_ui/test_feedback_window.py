from pathlib import Path

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QCheckBox, QLabel, QPlainTextEdit, QPushButton, QRadioButton, QTreeWidget, QWidget

from crashdesk.agent.ui.feedback_report import MAX_FILE_BYTES, FeedbackDraft, File, Opening
from crashdesk.agent.ui.feedback_window import FeedbackWindow, Sending
from support.waiting_reports import event, picture_file
from support.windows import child, is_open, shown

ALT = Qt.KeyboardModifier.AltModifier
CONTEXTS = {name: value for name, value in event()["contexts"].items() if name != "crashdesk"}
CONTEXTS["document"] = {"pages": 3}  # a section of the product's own
OPENING = Opening("", "Fieldbook", "fieldbook@2.4.0", "production", CONTEXTS, {"plan": "free"})


@pytest.fixture
def feedback_window(qtbot, background):
    """Open a feedback window; what it sends and keeps is listed in `sent` and `kept`."""
    sent: list[Sending] = []
    kept: list[FeedbackDraft] = []

    def open_window(draft: FeedbackDraft | None = None, at: Opening = OPENING, contact: str = "") -> FeedbackWindow:
        window = FeedbackWindow(at, draft, contact, "e" * 32, background)
        window.sent.connect(sent.append)
        window.kept.connect(kept.append)
        return shown(qtbot, window)

    open_window.sent, open_window.kept = sent, kept
    return open_window


def test_whole_feedback_is_given_by_keyboard_alone(qtbot, feedback_window) -> None:
    window = feedback_window()
    qtbot.keyClicks(window.focusWidget(), "Rows vanish")
    qtbot.keyClick(window, Qt.Key.Key_M, ALT)
    qtbot.keyClick(window, Qt.Key.Key_B, ALT)
    qtbot.waitUntil(lambda: window.focusWidget().objectName() == "feedbackContact")
    qtbot.keyClicks(window.focusWidget(), "mia@example.org")
    qtbot.keyClick(window, Qt.Key.Key_S, ALT)
    qtbot.waitUntil(lambda: bool(feedback_window.sent))
    assert feedback_window.sent[0].draft == FeedbackDraft("problem", "Rows vanish", "somewhat", "mia@example.org")
    assert not is_open(window)


def test_question_changes_with_the_kind(feedback_window) -> None:
    window = feedback_window()
    child(window, QRadioButton, "feedbackKindIdea").click()
    assert child(window, QPlainTextEdit, "feedbackWords").accessibleName().startswith("What would you like to do")
    assert not child(window, QWidget, "feedbackSeverity").isVisible()


def test_nothing_written_cannot_be_sent(qtbot, feedback_window) -> None:
    window = feedback_window()
    assert not child(window, QPushButton, "feedbackSend").isEnabled()
    qtbot.keyClicks(window.focusWidget(), "x")
    assert child(window, QPushButton, "feedbackSend").isEnabled()


def test_enter_in_the_words_sends_nothing(qtbot, feedback_window) -> None:
    window = feedback_window()
    qtbot.keyClicks(window.focusWidget(), "one")
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Return)
    assert not feedback_window.sent
    assert window.draft().words == "one"


def test_escape_keeps_the_draft(qtbot, feedback_window) -> None:
    window = feedback_window()
    qtbot.keyClicks(window.focusWidget(), "half a thou")
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert feedback_window.kept[-1].words == "half a thou"
    assert not is_open(window)


def test_draft_is_kept_while_the_person_writes_and_says_so(qtbot, feedback_window) -> None:
    window = feedback_window()
    qtbot.keyClicks(window.focusWidget(), "half")
    qtbot.waitUntil(lambda: bool(feedback_window.kept))
    assert child(window, QLabel, "feedbackDraftState").text() == "Draft kept."


def test_draft_stands_in_the_window_again(feedback_window) -> None:
    files = (File("a.txt", b"abc", "text/plain"),)
    draft = FeedbackDraft("idea", "words", None, "mia@example.org", False, files, frozenset({"computer"}))
    assert feedback_window(draft).draft() == draft


def test_product_may_open_it_with_a_kind_and_words(feedback_window) -> None:
    window = feedback_window(at=Opening("", "Fieldbook", kind="question", words="How do I"))
    assert (window.draft().kind, window.draft().words) == ("question", "How do I")


def test_facts_are_offered_only_when_the_product_gave_some(feedback_window) -> None:
    assert child(feedback_window(), QCheckBox, "feedbackIncludeSnapshot").isVisible()
    bare = feedback_window(at=Opening("", "Fieldbook"))
    assert not child(bare, QCheckBox, "feedbackIncludeSnapshot").isVisible()


def test_file_is_read_in_the_background_and_added(qtbot, feedback_window, tmp_path: Path) -> None:
    window = feedback_window()
    (tmp_path / "log.txt").write_bytes(b"one line")
    window.files.add_path(str(tmp_path / "log.txt"))
    qtbot.waitUntil(lambda: window.draft().files == (File("log.txt", b"one line", "text/plain"),))
    child(window, QPushButton, "feedbackRemove0").click()
    assert not window.draft().files


def test_file_that_is_too_large_says_so_and_adds_nothing(qtbot, feedback_window, tmp_path: Path) -> None:
    window = feedback_window()
    with (tmp_path / "huge.bin").open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    window.files.add_path(str(tmp_path / "huge.bin"))
    trouble = child(window, QLabel, "feedbackWindowProblem")
    qtbot.waitUntil(lambda: trouble.text() == "huge.bin has 10.0 MB; at most 10.0 MB can be sent. Nothing was added.")
    assert not window.draft().files


def test_file_that_cannot_be_read_says_why(qtbot, feedback_window, tmp_path: Path) -> None:
    window = feedback_window()
    window.files.add_path(str(tmp_path / "missing.txt"))
    trouble = child(window, QLabel, "feedbackWindowProblem")
    qtbot.waitUntil(lambda: "missing.txt could not be read" in trouble.text())


def test_picture_just_blacked_out_is_never_sent_as_it_was(feedback_window, tmp_path: Path) -> None:
    picture = File("picture-1.png", picture_file(tmp_path / "p.png"), "image/png")
    window = feedback_window(FeedbackDraft("problem", "w", files=(picture,)))
    black = QImage(320, 200, QImage.Format.Format_RGB32)
    black.fill(0)
    window.files._replace(window.files._files[0], black)
    sent = QImage.fromData(window.draft().files[0].data)
    assert sent.copy(QRect(0, 0, 320, 200)).pixelColor(20, 20).name() == "#000000"


@pytest.mark.parametrize(("title", "gone"), [("This computer", b"Debian"), ("Other facts", b"document")])
def test_part_switched_off_in_the_preview_is_in_no_byte_of_the_feedback(
    qtbot, feedback_window, title: str, gone: bytes
) -> None:
    window = feedback_window(FeedbackDraft("problem", "words"))
    child(window, QPushButton, "feedbackSeeEverything").click()
    parts = child(window._preview, QTreeWidget, "previewParts")
    parts.setCurrentItem(parts.findItems(title, Qt.MatchFlag.MatchExactly)[0])
    qtbot.keyClick(parts, Qt.Key.Key_Space)
    window._preview.close()
    child(window, QPushButton, "feedbackSend").click()
    assert gone not in feedback_window.sent[0].envelope().to_bytes()


def test_file_switched_off_in_the_preview_is_gone_from_the_window(qtbot, feedback_window) -> None:
    window = feedback_window(FeedbackDraft("problem", "words", files=(File("a.txt", b"abc"), File("b.txt", b"def"))))
    child(window, QPushButton, "feedbackSeeEverything").click()
    parts = child(window._preview, QTreeWidget, "previewParts")
    parts.setCurrentItem(parts.findItems("a.txt", Qt.MatchFlag.MatchExactly)[0])
    qtbot.keyClick(parts, Qt.Key.Key_Space)
    window._preview.close()
    assert [file.name for file in window.draft().files] == ["b.txt"]

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QLabel, QPlainTextEdit, QPushButton, QRadioButton, QTreeWidget

from crashdesk.agent.ui.preview import PreviewWindow, Selection
from crashdesk.protocol.envelope import Envelope, Item
from support.waiting_reports import envelope, event, picture_file
from support.windows import child, shown


@pytest.fixture
def preview(qtbot, background):
    """Open the preview of an envelope; what it hands over at its end is in `chosen`."""
    chosen: list[Selection] = []

    def open_window(whole: Envelope | None = None, selection: Selection | None = None) -> PreviewWindow:
        window = PreviewWindow(whole or envelope(), selection or Selection(), background, chosen.append)
        return shown(qtbot, window)

    open_window.chosen = chosen
    return open_window


def choose(window: PreviewWindow, text: str) -> QTreeWidget:
    parts = child(window, QTreeWidget, "previewParts")
    parts.setCurrentItem(parts.findItems(text, Qt.MatchFlag.MatchExactly)[0])
    return parts


def test_first_part_is_shown_readable(preview) -> None:
    text = child(preview(), QPlainTextEdit, "previewText").toPlainText()
    assert text.startswith("IndexError: list index out of range")


def test_raw_form_is_shown_on_request(qtbot, preview) -> None:
    window = preview()
    child(window, QRadioButton, "previewRaw").click()
    assert child(window, QPlainTextEdit, "previewText").toPlainText().startswith("{")


def test_whole_report_is_shown_byte_for_byte(preview) -> None:
    whole = envelope()
    window = preview(whole)
    choose(window, "All of it, as it is sent")
    assert child(window, QPlainTextEdit, "previewText").toPlainText() == whole.to_bytes().decode().rstrip("\n")


def test_space_switches_a_part_off_and_on(qtbot, preview) -> None:
    window = preview()
    parts = choose(window, "The last steps")
    qtbot.keyClick(parts, Qt.Key.Key_Space)
    window.close()
    assert preview.chosen[-1].removed == {"steps"}


def test_whole_report_can_be_read_without_scrolling_sideways(preview) -> None:
    window = preview()
    choose(window, "All of it, as it is sent")
    assert child(window, QPlainTextEdit, "previewText").lineWrapMode() is QPlainTextEdit.LineWrapMode.WidgetWidth


def test_titles_of_the_parts_are_not_cut(preview) -> None:
    payload = event() | {"user": {"id": "installation-17ab"}, "threads": {"values": [{"id": 1}]}, "tags": {"a": "b"}}
    window = preview(envelope(payload))
    parts = child(window, QTreeWidget, "previewParts")
    for number in range(parts.topLevelItemCount()):
        row = parts.model().index(number, 0)
        assert parts.sizeHintForIndex(row).width() <= parts.visualRect(row).width(), row.data()


def test_switched_off_part_is_gone_from_the_whole_report(qtbot, preview) -> None:
    window = preview()
    qtbot.keyClick(choose(window, "The last steps"), Qt.Key.Key_Space)
    choose(window, "All of it, as it is sent")
    assert "breadcrumbs" not in child(window, QPlainTextEdit, "previewText").toPlainText()


def test_needed_part_has_no_switch(qtbot, preview) -> None:
    window = preview()
    qtbot.keyClick(choose(window, "What went wrong"), Qt.Key.Key_Space)
    window.close()
    assert not preview.chosen[-1].removed


def test_total_size_shrinks_with_each_part_that_goes(qtbot, preview) -> None:
    window = preview(envelope(None, Item.attachment("log.txt", b"x" * 50_000)))
    before = child(window, QLabel, "previewTotal").text()
    qtbot.keyClick(choose(window, "log.txt"), Qt.Key.Key_Space)
    assert ("52 KB" in before, "2 KB" in child(window, QLabel, "previewTotal").text()) == (True, True)


def test_picture_is_shown_and_can_be_blacked_out(qtbot, preview, tmp_path: Path) -> None:
    window = preview(envelope(None, Item.attachment("screenshot.png", picture_file(tmp_path / "p.png"), "image/png")))
    choose(window, "screenshot.png")
    child(window, QPushButton, "previewBlackOut").click()
    editor = next(one for one in QApplication.topLevelWidgets() if one.objectName() == "blackOutWindow")
    shown(qtbot, editor)
    picker = editor.findChild(object, "blackOutPicture")
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Return):
        qtbot.keyClick(picker, key)
    child(editor, QPushButton, "blackOutDone").click()
    qtbot.waitUntil(lambda: bool(window._pictures))
    covered = QImage.fromData(window._pictures["file:1"])
    assert covered.pixelColor(covered.rect().center()).name() == "#000000"


def test_black_bars_count_even_when_the_preview_is_closed_at_once(preview, tmp_path: Path) -> None:
    window = preview(envelope(None, Item.attachment("screenshot.png", picture_file(tmp_path / "p.png"), "image/png")))
    black = QImage(8, 8, QImage.Format.Format_RGB32)
    window._cover("file:1", black)
    window.close()
    assert QImage.fromData(preview.chosen[-1].pictures["file:1"]).size() == black.size()


def test_picture_that_cannot_be_read_says_so(preview) -> None:
    window = preview(envelope(None, Item.attachment("screenshot.png", b"no picture", "image/png")))
    choose(window, "screenshot.png")
    child(window, QPushButton, "previewBlackOut").click()
    assert "cannot be opened" in child(window, QLabel, "previewWindowProblem").text()


def test_what_was_switched_off_before_is_off(preview) -> None:
    window = preview(selection=Selection(frozenset({"steps"})))
    parts = choose(window, "The last steps")
    assert parts.currentItem().checkState(0) is Qt.CheckState.Unchecked

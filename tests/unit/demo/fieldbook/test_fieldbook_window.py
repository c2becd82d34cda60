"""Fieldbook's window by keyboard and mouse, offscreen."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QComboBox, QLineEdit, QPlainTextEdit, QWidget

from crashdesk.demo.fieldbook import app
from crashdesk.demo.fieldbook.commands import Commands


@pytest.fixture
def window(qtbot, tmp_path):
    window = app.open_window(tmp_path / "notebook")
    qtbot.addWidget(window)
    return window


def test_a_filter_leaves_the_rows_that_match(window, qtbot):
    window.show_entries()
    qtbot.keyClicks(window.entries.filter_box, "CURLEW")
    assert window.entries.filter.rowCount() == 3


def test_a_table_reached_by_keyboard_shows_which_entry_is_chosen(window, qtbot):
    window.show_entries()
    window.entries.filter_box.setFocus()
    qtbot.keyClick(window.entries.filter_box, Qt.Key.Key_Tab)
    table = window.entries.table
    qtbot.waitUntil(table.hasFocus)
    assert [index.row() for index in table.selectionModel().selectedRows()] == [0]
    assert window.entries.remove_button.isEnabled()


def test_removing_an_unfiltered_row_shows_the_next(window, qtbot):
    window.show_entries()
    window.entries.table.selectRow(0)
    qtbot.mouseClick(window.entries.remove_button, Qt.MouseButton.LeftButton)
    assert window.entries.model.rowCount() == 13
    assert window.entries.details.text().startswith("Redshank")


def test_a_well_formed_import_adds_its_entries(window, qtbot):
    commands = window.findChild(Commands)
    before = window.entries.model.rowCount()
    commands._import_file(str(window.document.path.parents[1] / "imports" / "club-outing.csv"))
    qtbot.waitUntil(lambda: window.entries.model.rowCount() == before + 5)


def test_typing_renews_the_outline_and_marks_the_document_changed(window, qtbot):
    window.show_notes()
    qtbot.keyClicks(window.notes.editor, "# New heading")
    qtbot.keyClick(window.notes.editor, Qt.Key.Key_Return)
    assert window.notes.outline.rowCount() == 2
    assert window.isWindowModified()


def test_choosing_a_heading_shows_its_line(window):
    below = window.notes.outline.index(1, 0, window.notes.outline.index(0, 0))
    window.notes.tree.clicked.emit(below)
    assert window.notes.editor.textCursor().selectedText() == "## Ducks and geese"


def test_every_widget_a_person_can_use_has_a_name(window):
    kinds = (QAbstractButton, QAbstractItemView, QComboBox, QLineEdit, QPlainTextEdit)
    unnamed = [
        widget
        for widget in window.findChildren(QWidget)
        if isinstance(widget, kinds) and widget.isVisible() and not widget.objectName() and _is_ours(widget)
    ]
    assert unnamed == []


def _is_ours(widget):
    parent = widget.parentWidget()
    return not isinstance(parent, QLineEdit | QAbstractItemView)  # parts Qt makes inside its own widgets

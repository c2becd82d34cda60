"""A person's steps in the trail: what they did, never what they typed or own."""

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QDialog,
    QLineEdit,
    QListWidget,
    QMainWindow,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from crashdesk.sdk import guard


@pytest.fixture
def window(qtbot) -> QMainWindow:
    """A small window with what people use."""
    made = QMainWindow(objectName="main")
    body = QWidget(objectName="body")
    layout = QVBoxLayout(body)
    made.remove = QPushButton("&Remove")
    made.box = QCheckBox("Compact list")
    made.filter = QLineEdit(objectName="filter")
    made.list = QListWidget(objectName="items")
    made.list.addItems(["Diary of a secret", "Second"])
    for widget in (made.remove, made.box, made.filter, made.list):
        layout.addWidget(widget)
    made.setCentralWidget(body)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


def test_a_click_names_the_button_and_its_place(recorded, window, qtbot):
    qtbot.mouseClick(window.remove, Qt.MouseButton.LeftButton)
    assert recorded.words[-1] == "Clicked Remove"
    assert recorded.crumbs[-1]["category"] == "ui.click"
    assert recorded.crumbs[-1]["data"] == {"path": "#body/QPushButton"}


def test_a_mnemonic_names_its_button(recorded, window, qtbot):
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.keyClick(window, Qt.Key.Key_R, Qt.KeyboardModifier.AltModifier)
    assert recorded.words[-1] == "Pressed Alt+R for “Remove”"
    assert recorded.crumbs[-1]["data"] == {"keys": "Alt+R", "path": "#body/QPushButton"}


def test_the_name_for_screen_readers_comes_before_the_object_name(recorded, window, qtbot):
    window.filter.setAccessibleName("Filter of the list")
    qtbot.keyClicks(window.filter, "x")
    assert recorded.words[-1] == "Typed in Filter of the list"


def test_one_click_is_one_step_though_parents_see_it_too(recorded, window, qtbot):
    before = len(recorded.crumbs)
    qtbot.mouseClick(window.centralWidget(), Qt.MouseButton.LeftButton)
    assert len(recorded.crumbs) == before + 1


def test_typed_text_is_counted_and_never_kept(recorded, window, qtbot):
    qtbot.keyClicks(window.filter, "very private")
    assert recorded.words[-1] == "Typed in filter"
    assert recorded.crumbs[-1]["data"] == {"path": "#filter", "characters": 12}
    assert "private" not in str(recorded.crumbs)


def test_in_a_password_field_not_even_the_length_is_kept(recorded, window, qtbot):
    window.filter.setEchoMode(QLineEdit.EchoMode.Password)
    qtbot.keyClicks(window.filter, "hunter2")
    assert recorded.crumbs[-1]["data"]["characters"] == 1


def test_a_space_on_a_check_box_is_a_command(recorded, window, qtbot):
    qtbot.keyClick(window.box, Qt.Key.Key_Space)
    assert recorded.words[-1] == "Pressed Space in Compact list"


def test_modifier_keys_alone_are_no_step(recorded, window, qtbot):
    before = len(recorded.crumbs)
    qtbot.keyClick(window.box, Qt.Key.Key_Shift)
    assert len(recorded.crumbs) == before


def test_a_row_is_told_by_its_number_not_its_text(recorded, window, qtbot):
    place = window.list.visualItemRect(window.list.item(1)).center()
    qtbot.mouseClick(window.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert recorded.words[-1] == "Clicked a row in items"
    assert recorded.crumbs[-1]["data"] == {"path": "#items", "row": 1, "column": 0}
    assert "secret" not in str(recorded.crumbs)


def test_a_double_click_is_told_apart(recorded, window, qtbot):
    qtbot.mouseDClick(window.remove, Qt.MouseButton.LeftButton)
    assert "Double-clicked Remove" in recorded.words


def test_a_shortcut_names_its_action(recorded, window, qtbot):
    action = QAction("&Duplicate", window, shortcut="Ctrl+D")
    window.addAction(action)
    window.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window)
    qtbot.keyClick(window, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert "Pressed Ctrl+D for “Duplicate”" in recorded.words


def test_a_menu_entry_is_named_when_it_is_chosen(recorded, window, qtbot):
    menu = window.menuBar().addMenu("&Edit")
    chosen = menu.addAction("&Preferences…")
    menu.popup(window.pos())
    qtbot.waitExposed(menu)
    qtbot.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(chosen).center())
    assert recorded.words[-1] == "Chose “Preferences…” in a menu"


@pytest.mark.parametrize("label", ["Trip to Rome.fbk", "/home/someone/diary", "me@example.org", "Letter 2024001"])
def test_an_entry_that_may_be_the_persons_own_is_not_named(recorded, window, qtbot, label: str):
    menu = window.menuBar().addMenu("&Recent")
    chosen = menu.addAction(label)
    menu.popup(window.pos())
    qtbot.waitExposed(menu)
    qtbot.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(chosen).center())
    assert recorded.words[-1] == "Chose “an entry” in a menu"
    assert label not in str(recorded.crumbs)


def test_an_entry_that_carries_data_is_not_named(recorded, window, qtbot):
    menu = window.menuBar().addMenu("&Recent")
    chosen = menu.addAction("Diary")
    chosen.setData("/somewhere/diary")
    menu.popup(window.pos())
    qtbot.waitExposed(menu)
    qtbot.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(chosen).center())
    assert "Diary" not in str(recorded.crumbs)


def test_dialogs_are_told_when_they_open_and_close(recorded, window, qtbot):
    dialog = QDialog(window, objectName="preferences", windowTitle="My private title")
    QTimer.singleShot(0, dialog.close)
    dialog.exec()
    assert recorded.words[-2:] == ["Window preferences opened", "Window preferences closed"]
    assert recorded.crumbs[-2]["data"]["modal"] is True
    assert "private" not in str(recorded.crumbs)


def test_what_the_program_does_itself_is_no_step(recorded, window):
    before = len(recorded.crumbs)
    window.remove.click()
    window.filter.setText("by program")
    assert len(recorded.crumbs) == before


def test_a_failure_inside_the_filter_never_leaves_it(recorded, window, qtbot, expected_logs, monkeypatch):
    expected_logs("Qt trail failed")
    clicked = []
    window.remove.clicked.connect(lambda: clicked.append(True))
    monkeypatch.setattr("crashdesk.sdk.qt.names.path", lambda widget: 1 / 0)
    qtbot.mouseClick(window.remove, Qt.MouseButton.LeftButton)
    assert clicked == [True]
    assert guard.counts["Qt trail"] >= 1

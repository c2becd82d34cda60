"""A hand on a Qt program: finds real widgets by name and gives them real mouse and key input.

An action waits until its widget is shown, enabled and not behind a dialog; then it is done once. Input comes from the
event loop with no Python frame of ours above it, so that stacks look as they do under a person's hand.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPoint, Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QApplication, QMenu, QMenuBar, QWidget

_LEFT = Qt.MouseButton.LeftButton
_NO_KEYS = Qt.KeyboardModifier.NoModifier


@dataclass(frozen=True, slots=True)
class Action:
    """What to do with the widget `target`; `attempt` tells whether it could be done now."""

    target: str
    attempt: Callable[[QWidget], bool]


def find(name: str) -> QWidget | None:
    """Return the widget of that name if a person could use it now."""
    popup = QApplication.activePopupWidget()  # a menu takes all input; a completer's list lets it through
    above = popup if isinstance(popup, QMenu) else QApplication.activeModalWidget()
    for window in [above] if above else QApplication.topLevelWidgets():
        found = window if window.objectName() == name else window.findChild(QWidget, name)
        if found is not None and found.isVisible() and found.isEnabled():
            return found
    return None


def click(name: str) -> Action:
    """Click the middle of a widget."""
    return Action(name, lambda widget: _click_at(widget, widget.rect().center()))


def type_text(name: str, text: str) -> Action:
    """Replace what stands in a box by typing over it."""

    def attempt(widget: QWidget) -> bool:
        _click_at(widget, widget.rect().center())
        _later(QTest.keyClick, widget, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        _later(QTest.keyClicks, widget, text)
        return True

    return Action(name, attempt)


def press(name: str, key: Qt.Key) -> Action:
    """Press one key in a widget."""

    def attempt(widget: QWidget) -> bool:
        widget.setFocus()
        _later(QTest.keyClick, widget, key)
        return True

    return Action(name, attempt)


def menu(menu_name: str, action_name: str) -> tuple[Action, Action]:
    """Open a menu of the menu bar and click one of its lines."""
    return Action("menuBar", lambda bar: _open_menu(bar, menu_name)), Action(
        menu_name, lambda popup: _click_line(popup, action_name)
    )


def row(view_name: str, text: str) -> Action:
    """Click the first row of a view that has a cell with this text."""

    def attempt(widget: QWidget) -> bool:
        assert isinstance(widget, QAbstractItemView)  # noqa: S101 - names of views stand in our own table
        index = _index_with(widget.model(), text, QModelIndex())
        if index is None:
            return False
        widget.scrollTo(index)
        return _click_at(widget.viewport(), widget.visualRect(index).center())

    return Action(view_name, attempt)


def write_in(window: QWidget, name: str, text: str) -> None:
    """Type into a box of one window, of which several may be open."""
    box = window.findChild(QWidget, name)
    if box is not None:
        _click_at(box, box.rect().center())
        _later(QTest.keyClicks, box, text)


def click_in(window: QWidget, name: str) -> None:
    """Click a button of one window, of which several may be open."""
    button = window.findChild(QWidget, name)
    if button is not None:
        _click_at(button, button.rect().center())


def shown(name: str) -> Action:
    """Wait until a widget is there."""
    return Action(name, lambda _widget: True)


def _click_at(widget: QWidget, place: QPoint) -> bool:
    _later(QTest.mouseClick, widget, _LEFT, _NO_KEYS, place)
    return True


def _later(input_function: Callable[..., None], *arguments: object) -> None:
    QTimer.singleShot(0, partial(input_function, *arguments))


def _open_menu(bar: QWidget, menu_name: str) -> bool:
    assert isinstance(bar, QMenuBar)  # noqa: S101 - as above
    opening = next(action for action in bar.actions() if _menu_of(action) == menu_name)
    return _click_at(bar, bar.actionGeometry(opening).center())


def _click_line(popup: QWidget, action_name: str) -> bool:
    assert isinstance(popup, QMenu)  # noqa: S101 - as above
    line = next(action for action in popup.actions() if action.objectName() == action_name)
    return _click_at(popup, popup.actionGeometry(line).center())


def _menu_of(action: QAction) -> str:
    opened = action.menu()
    return opened.objectName() if isinstance(opened, QMenu) else ""


def _cells(model: QAbstractItemModel, line: int, parent: QModelIndex) -> Iterator[QModelIndex]:
    cell = model.index(line, 0, parent)
    while cell.isValid():
        yield cell
        cell = cell.siblingAtColumn(cell.column() + 1)


def _index_with(model: QAbstractItemModel, text: str, parent: QModelIndex) -> QModelIndex | None:
    for line in range(model.rowCount(parent)):
        cells = list(_cells(model, line, parent))
        if any(model.data(cell) == text for cell in cells):
            return cells[0]
        below = _index_with(model, text, cells[0])
        if below is not None:
            return below
    return None

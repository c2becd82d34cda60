"""The agent's windows under test: shown with the keyboard in them, at a fixed moment."""

from datetime import UTC, datetime
from typing import TypeVar

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

NOW = datetime.fromtimestamp(1_795_000_030, UTC)

W = TypeVar("W", bound=QWidget)
C = TypeVar("C", bound=QObject)


def shown(qtbot, window: W) -> W:
    """Show a window, wait until it has the keyboard, return it."""
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=5000)
    return window


def is_open(window: QWidget) -> bool:
    """Say whether a window still stands."""
    return isValid(window) and window.isVisible()


def child(window: QWidget, kind: type[C], name: str) -> C:
    """Return the widget with an object name; it must be there."""
    found = window.findChild(kind, name)
    assert found is not None, f"no {kind.__name__} named {name}"
    return found

"""Names for widgets: reports, scripts and tests find them by name, so every widget a person can use has one."""

from typing import TypeVar

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

T = TypeVar("T", bound=QObject)


W = TypeVar("W", bound=QWidget)


def spoken(widget: W, name: str, words: str) -> W:
    """Give a widget without a label both: a name for scripts, and words for screen readers and the trail."""
    widget.setAccessibleName(words)
    return named(widget, name)


def named(thing: T, name: str) -> T:
    """Give the object its name and return it."""
    thing.setObjectName(name)
    return thing

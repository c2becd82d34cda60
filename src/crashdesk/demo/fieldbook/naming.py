"""Names for widgets: reports, scripts and tests find them by name, so every widget a person can use has one."""

from typing import TypeVar

from PySide6.QtCore import QObject

T = TypeVar("T", bound=QObject)


def named(thing: T, name: str) -> T:
    """Give the object its name and return it."""
    thing.setObjectName(name)
    return thing

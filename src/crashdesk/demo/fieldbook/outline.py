"""The headings of the notes as a tree. An index carries its heading's number. Home of the bug `outline_pointer`."""

import re
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, Qt

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_HEADING = re.compile(r"(#+)\s+(.+)")


@dataclass(frozen=True, slots=True)
class Heading:
    """Numbers count from 1; the number 0 stands for the document itself."""

    number: int
    title: str
    level: int
    line: int
    parent: int


def headings_of(text: str) -> list[Heading]:
    """Find the headings, each below the nearest earlier one of a lower level."""
    headings: list[Heading] = []
    for line, content in enumerate(text.splitlines()):
        found = _HEADING.fullmatch(content.strip())
        if found:
            level = len(found[1])
            parent = next((earlier.number for earlier in reversed(headings) if earlier.level < level), 0)
            headings.append(Heading(len(headings) + 1, found[2], level, line, parent))
    return headings


class OutlineModel(QAbstractItemModel):
    """Read-only tree over the headings of one text."""

    def __init__(self) -> None:
        super().__init__()
        self._headings: list[Heading] = []

    def show(self, text: str) -> bool:
        """Show the headings of `text`; tell whether they differ from those shown before."""
        headings = headings_of(text)
        if headings == self._headings:
            return False
        self.beginResetModel()
        self._headings = headings
        self.endResetModel()
        return True

    def line_of(self, index: Index) -> int:
        """Return the line of the text on which the heading stands."""
        return self._headings[index.internalId() - 1].line

    def heading(self, index: Index) -> Heading:
        """Return the heading that an index carries."""
        heading: Heading = index.internalPointer()
        return heading

    def index_above(self, index: Index) -> QModelIndex:
        """Return the index of the heading one level up."""
        above = self.heading(index).parent
        return self._index_of(above)

    def index(self, row: int, column: int, parent: Index = _ROOT) -> QModelIndex:
        below = self._below(parent)
        is_there = column == 0 and 0 <= row < len(below)
        return self.createIndex(row, 0, below[row].number) if is_there else QModelIndex()

    def parent(self, index: Index = _ROOT) -> QModelIndex:  # type: ignore[override]  # Qt overloads it with QObject's
        number = index.internalId() if index.isValid() else 0
        return self._index_of(self._headings[number - 1].parent) if number else QModelIndex()

    def rowCount(self, parent: Index = _ROOT) -> int:  # noqa: N802 - Qt's name
        return len(self._below(parent))

    def columnCount(self, parent: Index = _ROOT) -> int:  # noqa: ARG002, N802 - Qt's name
        return 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        return self._headings[index.internalId() - 1].title if role == Qt.ItemDataRole.DisplayRole else None

    def _below(self, parent: Index) -> list[Heading]:
        number = parent.internalId() if parent.isValid() else 0
        return [heading for heading in self._headings if heading.parent == number]

    def _index_of(self, number: int) -> QModelIndex:
        if number == 0:
            return QModelIndex()
        siblings = [heading for heading in self._headings if heading.parent == self._headings[number - 1].parent]
        return self.createIndex(siblings.index(self._headings[number - 1]), 0, number)

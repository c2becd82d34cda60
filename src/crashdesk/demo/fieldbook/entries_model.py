"""The entries of a document as a table, and the filter that shows some of them."""

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSortFilterProxyModel, Qt

from crashdesk.demo.fieldbook.entry import COLUMNS, Entry

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_COUNT_COLUMN = COLUMNS.index("Count")
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


class EntriesModel(QAbstractTableModel):
    """Shows and changes a list of entries in place."""

    def __init__(self) -> None:
        super().__init__()
        self.entries: list[Entry] = []

    def show(self, entries: list[Entry]) -> None:
        """Put another document's entries into the table."""
        self.beginResetModel()
        self.entries = entries
        self.endResetModel()

    def rowCount(self, parent: Index = _ROOT) -> int:  # noqa: N802 - Qt's name
        return 0 if parent.isValid() else len(self.entries)

    def columnCount(self, parent: Index = _ROOT) -> int:  # noqa: N802 - Qt's name
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DisplayRole:
            return self.entries[index.row()].cells()[index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() == _COUNT_COLUMN:
            return _RIGHT
        return None

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section]
        return _RIGHT if role == Qt.ItemDataRole.TextAlignmentRole and section == _COUNT_COLUMN else None

    def add(self, entries: list[Entry]) -> None:
        """Append entries."""
        first = len(self.entries)
        self.beginInsertRows(_ROOT, first, first + len(entries) - 1)
        self.entries.extend(entries)
        self.endInsertRows()

    def remove(self, row: int) -> None:
        """Take one entry out."""
        self.beginRemoveRows(_ROOT, row, row)
        del self.entries[row]
        self.endRemoveRows()


class EntriesFilter(QSortFilterProxyModel):
    """Lets those rows through in which any cell contains the text, whatever its case."""

    def __init__(self, model: EntriesModel) -> None:
        super().__init__()
        self._model = model
        self._text = ""
        self.setSourceModel(model)

    def show_matching(self, text: str) -> None:
        """Show only what contains `text`."""
        self._text = text.casefold()
        self.invalidate()

    def filterAcceptsRow(self, source_row: int, source_parent: Index) -> bool:  # noqa: ARG002, N802 - Qt's signature
        return self._accepts(self._model.entries[source_row])

    def visible_entries(self) -> list[Entry]:
        """Return the entries that are shown, from top to bottom."""
        return [entry for entry in self._model.entries if self._accepts(entry)]

    def _accepts(self, entry: Entry) -> bool:
        return any(self._text in cell.casefold() for cell in entry.cells())

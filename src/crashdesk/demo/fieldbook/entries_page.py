"""The tab Entries: filter, table, details of the selected entry, add and remove. Home of the bug `filtered_row`."""

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from crashdesk.demo.fieldbook.entries_model import EntriesFilter, EntriesModel
from crashdesk.demo.fieldbook.entry import Entry, format_distance
from crashdesk.demo.fieldbook.library import Document
from crashdesk.demo.fieldbook.naming import named, spoken
from crashdesk.demo.fieldbook.state import State

_COLUMN_WIDTHS = (110, 150, 170, 80)  # the remark takes the rest
_NOTHING_SELECTED = "Select an entry to see where on the way it was."


class EntriesPage(QWidget):
    """Shows the entries of the open document."""

    changed = Signal()

    def __init__(self, state: State) -> None:
        super().__init__()
        self.setObjectName("entriesPage")
        self._state = state
        self.model = EntriesModel()
        self.filter = EntriesFilter(self.model)
        self.filter_box = spoken(QLineEdit(clearButtonEnabled=True), "filterBox", self.tr("Filter"))
        self.filter_box.setPlaceholderText(self.tr("Filter by place, species, remark…"))
        self.table = spoken(QTableView(), "entriesTable", self.tr("Entries"))
        self.details = named(QLabel(), "entryDetails")
        self.add_button = named(QPushButton(self.tr("&Add entry…")), "addEntry")
        self.remove_button = named(QPushButton(self.tr("&Remove")), "removeEntry")
        self._arrange()
        self._set_up_table()
        self._connect()

    def show_document(self, document: Document) -> None:
        """Show another document's entries, unfiltered."""
        self.filter_box.clear()
        self.model.show(document.entries)
        self._clear_details()

    def remove_selected(self) -> None:
        """Remove the selected entry and show the one that follows it."""
        row = self.filter.mapToSource(self.table.currentIndex()).row()
        if row < 0:
            return
        self.model.remove(row)
        self.changed.emit()
        if row < self.model.rowCount():
            following = self.filter.visible_entries()[row]
            self.show_entry(following)
        else:
            self._clear_details()

    def show_entry(self, entry: Entry) -> None:
        """Write the details of one entry below the table."""
        distance = format_distance(entry.distance_km, self._state.distance_unit)
        self.details.setText(f"{entry.species} ({entry.count}) at {entry.place}, distance from the start: {distance}")
        self.remove_button.setEnabled(True)

    def _current_changed(self, current: QModelIndex) -> None:
        row = self.filter.mapToSource(current).row()
        if row >= 0:
            self._mark(current)
            self.show_entry(self.model.entries[row])

    def _mark(self, current: QModelIndex) -> None:
        """Qt gives a table that is reached by Tab a current row, but shows it as selected only after the next key."""
        if not self.table.selectionModel().hasSelection():
            flags = QItemSelectionModel.SelectionFlag
            self.table.selectionModel().select(current, flags.ClearAndSelect | flags.Rows)

    def _clear_details(self) -> None:
        self.details.setText(self.tr(_NOTHING_SELECTED))
        self.remove_button.setEnabled(False)

    def _arrange(self) -> None:
        buttons = QHBoxLayout()
        buttons.addWidget(self.details, 1)
        buttons.addWidget(self.add_button)
        buttons.addWidget(self.remove_button)
        column = QVBoxLayout(self)
        column.addWidget(self.filter_box)
        column.addWidget(self.table, 1)
        column.addLayout(buttons)

    def _set_up_table(self) -> None:
        self.table.setModel(self.filter)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setAlternatingRowColors(True)
        self.table.setShowGrid(False)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(26)
        header = self.table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setStretchLastSection(True)
        for column, width in enumerate(_COLUMN_WIDTHS):
            header.resizeSection(column, width)

    def _connect(self) -> None:
        self.filter_box.textChanged.connect(self.filter.show_matching)
        self.remove_button.clicked.connect(self.remove_selected)
        self.table.selectionModel().currentRowChanged.connect(self._current_changed)

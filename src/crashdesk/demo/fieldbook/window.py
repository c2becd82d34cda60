"""Fieldbook's main window: documents at the left, notes and entries of the open one at the right."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QLabel, QMainWindow, QSplitter, QTabWidget, QVBoxLayout, QWidget

from crashdesk.demo.fieldbook.document_list import DocumentList
from crashdesk.demo.fieldbook.entries_page import EntriesPage
from crashdesk.demo.fieldbook.entry import Entry
from crashdesk.demo.fieldbook.library import Document, Library
from crashdesk.demo.fieldbook.naming import named
from crashdesk.demo.fieldbook.notes_page import NotesPage
from crashdesk.demo.fieldbook.searching import Match
from crashdesk.demo.fieldbook.state import State

_STATUS_MILLISECONDS = 4000


class MainWindow(QMainWindow):
    """Shows one document at a time and saves it when another is opened."""

    closed = Signal()

    def __init__(self, library: Library, state: State) -> None:
        super().__init__()
        self.setObjectName("fieldbook")
        self._library = library
        self._state = state
        self.document = library.documents[0]
        self.list = DocumentList()
        self.title = named(QLabel(), "documentTitle")
        self.notes = NotesPage()
        self.entries = EntriesPage(state)
        self.tabs = named(QTabWidget(documentMode=True), "pages")
        self._arrange()
        self.list.chosen.connect(self.open)
        self.notes.changed.connect(self._changed)
        self.entries.changed.connect(self._changed)
        self.list.show_documents(library.documents)
        self.list.choose(self._last_document())

    def open(self, document: Document) -> None:
        """Show a document, saving the one before it."""
        self.save()
        self.document = document
        self._state.opened(document.path.stem)
        self.setWindowTitle(f"{document.title}[*] - Fieldbook")
        self.title.setText(document.title)
        self.notes.show_document(document)
        self.entries.show_document(document)

    def show_new(self, document: Document) -> None:
        """Open a document that was just begun."""
        self.list.show_documents(self._library.documents)
        self.list.choose(document)
        self._changed()

    def save(self) -> None:
        """Write the open document if it was changed."""
        if self.isWindowModified():
            self._library.save(self.document)
            self.setWindowModified(False)
            self.tell(self.tr("Saved"))

    def take_entries(self, entries: list[Entry]) -> None:
        """Put new entries into the open document."""
        self.entries.model.add(entries)
        self._changed()
        self.tell(self.tr("Entries added: %1").replace("%1", str(len(entries))))

    def tell(self, text: str) -> None:
        """Show a word in the status bar for a while."""
        self.statusBar().showMessage(text, _STATUS_MILLISECONDS)

    def show_match(self, match: Match) -> None:
        """Show a line that was searched for."""
        self.list.choose(match.document)
        self.show_notes()
        self.notes.show_line(match.line)

    def show_notes(self) -> None:
        self.tabs.setCurrentWidget(self.notes)
        self.notes.editor.setFocus()

    def show_entries(self) -> None:
        self.tabs.setCurrentWidget(self.entries)
        self.entries.table.setFocus()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        self.save()
        self.closed.emit()
        super().closeEvent(event)

    def _last_document(self) -> Document:
        by_slug = self._library.by_slug()
        return next((by_slug[slug] for slug in self._state.recent if slug in by_slug), self.document)

    def _changed(self) -> None:
        self.document.text = self.notes.editor.toPlainText()
        self.setWindowModified(True)
        self.list.refresh(self.document)

    def _arrange(self) -> None:
        self.tabs.addTab(self.notes, self.tr("Notes"))
        self.tabs.addTab(self.entries, self.tr("Entries"))
        right = named(QWidget(), "documentPane")
        column = QVBoxLayout(right)
        column.addWidget(self.title)
        column.addWidget(self.tabs, 1)
        splitter = named(QSplitter(Qt.Orientation.Horizontal), "mainSplitter")
        splitter.addWidget(self.list)
        splitter.addWidget(right)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([230, 790])
        splitter.setChildrenCollapsible(False)
        self.setCentralWidget(splitter)
        self.resize(1020, 640)
        self.notes.set_text_size(self._state.text_size)
        self.statusBar().setObjectName("statusBar")

"""The tab Notes: the text of the open document, and its outline beside it."""

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QFont, QTextCursor
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton, QSplitter, QTreeView, QVBoxLayout, QWidget

from crashdesk.demo.fieldbook.highlighting import HeadingHighlighter
from crashdesk.demo.fieldbook.library import Document
from crashdesk.demo.fieldbook.naming import named, spoken
from crashdesk.demo.fieldbook.outline import OutlineModel


class NotesPage(QWidget):
    """Edits the notes; headings are lines that begin with one or more #."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("notesPage")
        self.facts = named(QLabel(), "documentFacts")
        self.editor = spoken(QPlainTextEdit(), "notesEditor", self.tr("Notes"))
        self.outline = OutlineModel()
        self.tree = spoken(QTreeView(headerHidden=True), "outlineTree", self.tr("Outline"))
        self.up_button = named(QPushButton(self.tr("&Up one level")), "outlineUp")
        self._arrange()
        self.editor.document().setDocumentMargin(12)
        self.editor.setTabChangesFocus(True)  # by keyboard one gets to the outline, and nobody indents notes
        self._headings = HeadingHighlighter(self.editor.document())
        self.tree.setModel(self.outline)
        self.tree.setEditTriggers(QTreeView.EditTrigger.NoEditTriggers)
        self.tree.clicked.connect(self._jump_to)
        self.tree.activated.connect(self._jump_to)
        self.up_button.clicked.connect(self.go_up)
        self.editor.textChanged.connect(self._text_changed)

    def show_document(self, document: Document) -> None:
        """Show another document's notes."""
        self.facts.setText("   ".join(f"{name.capitalize()}: {text}" for name, text in document.facts.items()))
        self.facts.setVisible(bool(document.facts))
        self.editor.blockSignals(True)
        self.editor.setPlainText(document.text)
        self.editor.blockSignals(False)
        self._show_outline()

    def set_text_size(self, points: int) -> None:
        font = QFont(self.editor.font())
        font.setPointSize(points)
        self.editor.setFont(font)

    def go_up(self) -> None:
        """Select the heading above the selected one and show its place in the text."""
        current = self.tree.currentIndex()
        if not current.isValid():
            return
        above = self.outline.index_above(current)
        if above.isValid():
            self.tree.setCurrentIndex(above)
            self._jump_to(above)

    def show_line(self, line: int) -> None:
        """Select one line of the notes and bring it into view."""
        cursor = QTextCursor(self.editor.document().findBlockByNumber(line))
        cursor.select(QTextCursor.SelectionType.LineUnderCursor)
        self.editor.setTextCursor(cursor)
        self.editor.centerCursor()

    def _jump_to(self, index: QModelIndex) -> None:
        self.show_line(self.outline.line_of(index))

    def _text_changed(self) -> None:
        self._show_outline()
        self.changed.emit()

    def _show_outline(self) -> None:
        if self.outline.show(self.editor.toPlainText()):
            self.tree.expandAll()

    def _arrange(self) -> None:
        side = named(QWidget(), "outlinePane")
        side_column = QVBoxLayout(side)
        side_column.setContentsMargins(8, 0, 0, 0)
        side_column.addWidget(named(QLabel(self.tr("Outline")), "outlineTitle"))
        side_column.addWidget(self.tree, 1)
        side_column.addWidget(self.up_button)
        splitter = named(QSplitter(Qt.Orientation.Horizontal), "notesSplitter")
        splitter.addWidget(self.editor)
        splitter.addWidget(side)
        splitter.setStretchFactor(0, 1)
        splitter.setSizes([520, 220])
        splitter.setChildrenCollapsible(False)
        column = QVBoxLayout(self)
        column.addWidget(self.facts)
        column.addWidget(splitter, 1)

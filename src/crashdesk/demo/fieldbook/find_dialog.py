"""The dialog that searches all documents."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from crashdesk.demo.fieldbook.library import Library
from crashdesk.demo.fieldbook.naming import named, spoken
from crashdesk.demo.fieldbook.searching import Match, find_everywhere


class FindDialog(QDialog):
    """Asks for a phrase, lists the lines that hold it; choosing one opens its document."""

    chosen = Signal(object)

    def __init__(self, library: Library, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("findDialog")
        self._library = library
        self.setWindowTitle(self.tr("Find in all documents"))
        self.resize(560, 320)
        self.phrase = spoken(QLineEdit(), "findPhrase", self.tr("Phrase"))
        self.phrase.setPlaceholderText(self.tr("Words to find; * stands for a few words between"))
        self.button = named(QPushButton(self.tr("&Find"), default=True), "findButton")
        self.results = spoken(QListWidget(), "findResults", self.tr("Lines found"))
        self.answer = named(QLabel(), "findAnswer")
        self._arrange()
        self.button.clicked.connect(self.search)
        self.results.itemActivated.connect(self._choose)

    def search(self) -> None:
        """List what is found."""
        phrase = self.phrase.text().strip()
        if not phrase:
            return
        matches = find_everywhere(phrase, self._library.documents)
        self.results.clear()
        for match in matches:
            self._add(match)
        self.answer.setText(self.tr("%n line(s) found", "", len(matches)))

    def _add(self, match: Match) -> None:
        item = QListWidgetItem(f"{match.document.title}: {match.text}")
        item.setData(Qt.ItemDataRole.UserRole, match)
        self.results.addItem(item)

    def _choose(self, item: QListWidgetItem) -> None:
        self.chosen.emit(item.data(Qt.ItemDataRole.UserRole))
        self.accept()

    def _arrange(self) -> None:
        line = QHBoxLayout()
        line.addWidget(self.phrase, 1)
        line.addWidget(self.button)
        column = QVBoxLayout(self)
        column.addLayout(line)
        column.addWidget(self.results, 1)
        column.addWidget(self.answer)

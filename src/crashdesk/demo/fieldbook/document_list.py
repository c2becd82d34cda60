"""The list of documents at the left: title, and below it date and number of entries."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from crashdesk.demo.fieldbook.library import Document
from crashdesk.demo.fieldbook.naming import spoken

_SUMMARY = int(Qt.ItemDataRole.UserRole) + 1
_ROW_HEIGHT = 50
Index = QModelIndex | QPersistentModelIndex


class _TwoLines(QStyledItemDelegate):
    """Draws the title above a smaller, paler summary."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802, ARG002 - Qt's signature
        return QSize(180, _ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        rect: QRect = option.rect
        palette: QPalette = option.palette
        painter.save()
        if is_selected:
            painter.fillRect(rect, palette.brush(QPalette.ColorRole.Highlight))
        role = QPalette.ColorRole.HighlightedText if is_selected else QPalette.ColorRole.Text
        painter.setPen(palette.color(role))
        text = rect.adjusted(14, 7, -8, -8)
        painter.drawText(text, Qt.AlignmentFlag.AlignTop, str(index.data()))
        painter.setOpacity(0.7)
        font = painter.font()
        font.setPointSizeF(font.pointSizeF() * 0.85)
        painter.setFont(font)
        painter.drawText(text, Qt.AlignmentFlag.AlignBottom, str(index.data(_SUMMARY)))
        painter.restore()


class DocumentList(QListWidget):
    """One row for each document; tells which one is chosen."""

    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        spoken(self, "documentList", self.tr("Documents"))
        self.setItemDelegate(_TwoLines(self))
        self.currentItemChanged.connect(self._current_changed)

    def show_documents(self, documents: list[Document]) -> None:
        """Fill the list anew."""
        self.blockSignals(True)
        self.clear()
        for document in documents:
            item = QListWidgetItem(document.title)
            item.setData(Qt.ItemDataRole.UserRole, document)
            item.setData(_SUMMARY, document.summary)
            self.addItem(item)
        self.blockSignals(False)

    def choose(self, document: Document) -> None:
        """Make `document` the current row."""
        for item in self._items():
            if item.data(Qt.ItemDataRole.UserRole) is document:
                self.setCurrentItem(item)

    def refresh(self, document: Document) -> None:
        """Write a changed document's summary anew."""
        for item in self._items():
            if item.data(Qt.ItemDataRole.UserRole) is document:
                item.setData(_SUMMARY, document.summary)

    def _items(self) -> list[QListWidgetItem]:
        return [self.item(row) for row in range(self.count())]

    def _current_changed(self, current: QListWidgetItem | None) -> None:
        if current is not None:
            self.chosen.emit(current.data(Qt.ItemDataRole.UserRole))

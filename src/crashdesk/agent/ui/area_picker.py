"""A picture on which a rectangle is chosen: by dragging, or with the arrow keys, Shift to change its size, Enter."""

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

_ARROWS = {
    Qt.Key.Key_Left: QPoint(-1, 0),
    Qt.Key.Key_Right: QPoint(1, 0),
    Qt.Key.Key_Up: QPoint(0, -1),
    Qt.Key.Key_Down: QPoint(0, 1),
}
_LEAST = 3  # a smaller rectangle is a click that slipped


class AreaPicker(QWidget):
    """Shows `image` as large as it fits and emits `picked` with a rectangle in the picture's own pixels."""

    picked = Signal(QRect)

    def __init__(self, name: str, image: QImage, *, is_dimmed: bool = False) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self._image = image
        self._is_dimmed = is_dimmed
        self._start: QPoint | None = None
        self._area = QRect()

    def show_image(self, image: QImage) -> None:
        self._image = image
        self._area = QRect()
        self.update()

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(240, 160)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return self._image.size().scaled(QSize(720, 480), Qt.AspectRatioMode.KeepAspectRatio)

    def _frame(self) -> QRectF:
        """Return where the picture stands in this widget."""
        size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        if not self._is_dimmed:
            size = size.boundedTo(self._image.size())
        return QRectF(
            (self.width() - size.width()) / 2, (self.height() - size.height()) / 2, size.width(), size.height()
        )

    def _in_picture(self, area: QRect) -> QRect:
        frame = self._frame()
        scale = self._image.width() / frame.width() if frame.width() else 1.0
        moved = QRectF(area).translated(-frame.topLeft())
        scaled = QRectF(moved.x() * scale, moved.y() * scale, moved.width() * scale, moved.height() * scale)
        return scaled.toAlignedRect().intersected(self._image.rect())

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        self._start = event.position().toPoint()
        self._area = QRect()
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        if self._start is not None:
            self._area = QRect(self._start, event.position().toPoint()).normalized()
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        self.mouseMoveEvent(event)
        self._start = None
        self._finish()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        key = Qt.Key(event.key())
        if key in _ARROWS:
            self._steer(_ARROWS[key], resize=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and not self._area.isNull():
            self._finish()
        else:
            super().keyPressEvent(event)

    def _steer(self, direction: QPoint, *, resize: bool) -> None:
        step = max(4, self.width() // 60)
        if self._area.isNull():
            frame = self._frame().toRect()
            self._area = QRect(frame.center() - QPoint(frame.width() // 8, frame.height() // 8), frame.size() / 4)
        elif resize:
            self._area.setBottomRight(self._area.bottomRight() + direction * step)
        else:
            self._area.translate(direction * step)
        self.update()

    def _finish(self) -> None:
        area = self._in_picture(self._area)
        if area.width() >= _LEAST and area.height() >= _LEAST:
            self.picked.emit(area)
        self._area = QRect()
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        frame = self._frame()
        painter.drawImage(frame, self._image)
        if self._is_dimmed:
            painter.fillRect(self.rect(), QColor(0, 0, 0, 110))
            if not self._area.isNull():
                painter.drawImage(QRectF(self._area), self._image, QRectF(self._in_picture(self._area)))
        elif not self._area.isNull():
            painter.fillRect(self._area, QColor(0, 0, 0, 160))
        if not self._area.isNull():
            painter.setPen(QPen(self.palette().accent().color(), 2))
            painter.drawRect(self._area)
        elif self.hasFocus() and not self._is_dimmed:
            painter.setPen(QPen(self.palette().accent().color(), 2))
            painter.drawRect(frame.adjusted(1, 1, -1, -1))
        painter.end()

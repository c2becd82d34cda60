"""Pictures by the person's own hand: a region of the screen, and black bars over what others must not see."""

from collections.abc import Callable

from PySide6.QtCore import QBuffer, QByteArray, QCoreApplication, QIODevice, QObject, QRect, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QImage, QImageWriter, QKeyEvent, QPainter, QScreen
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from crashdesk.agent.ui.area_picker import AreaPicker
from crashdesk.agent.ui.sheet import Sheet, button, plain_label
from crashdesk.agent.ui.tokens import STEP
from crashdesk.errors import UsageError

_VANISH_MILLISECONDS = 250
"""How long a window manager may take until our own window is really gone from the screen."""


def can_capture() -> bool:
    """Return whether this platform lets a program take the screen; Wayland does not, by design."""
    return not QGuiApplication.platformName().startswith("wayland")


def png(image: QImage) -> bytes:
    """Return the picture as PNG; a matter of 100 ms and more, so not on the windows' thread."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QImageWriter(buffer, QByteArray(b"png"))
    if not writer.write(image):
        raise UsageError(f"The picture could not be written as PNG: {writer.errorString()}. Choose another one.")
    return bytes(data.data())


def blacked_out(image: QImage, area: QRect) -> QImage:
    """Return the picture with `area` filled; what was there is gone from its bytes."""
    covered = image.convertToFormat(QImage.Format.Format_RGB32)
    painter = QPainter(covered)
    painter.fillRect(area, Qt.GlobalColor.black)
    painter.end()
    return covered


class RegionOverlay(QWidget):
    """The frozen screen; the person drags over the region, Escape takes nothing."""

    def __init__(self, screen: QScreen, done: Callable[[QImage | None], None]) -> None:
        super().__init__()
        self.setObjectName("regionOverlay")
        self.setWindowFlags(Qt.WindowType.FramelessWindowHint | Qt.WindowType.WindowStaysOnTopHint)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(QCoreApplication.translate("RegionOverlay", "Drag over the region for your report"))
        self._done = done
        self._image = screen.grabWindow(0).toImage()
        self._image.setDevicePixelRatio(1)
        self._picker = AreaPicker("regionPicker", self._image, is_dimmed=True)
        self._picker.setAccessibleName(
            QCoreApplication.translate("RegionOverlay", "Region of the screen: arrow keys, Shift for size, Enter")
        )
        self._picker.picked.connect(self._take)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._picker)
        self.setGeometry(screen.geometry())
        self._add_hint()

    def _add_hint(self) -> None:
        text = QCoreApplication.translate("RegionOverlay", "Drag over the region for your report. Escape takes none.")
        hint = QLabel(text, self)
        hint.setProperty("role", "hint")
        hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        hint.adjustSize()
        hint.move((self.width() - hint.width()) // 2, 10 * STEP)

    def _take(self, area: QRect) -> None:
        self._finish(self._image.copy(area))

    def _finish(self, image: QImage | None) -> None:
        done, self._done = self._done, lambda _image: None
        self.close()
        done(image)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        if event.key() == Qt.Key.Key_Escape:
            self._finish(None)
        else:
            super().keyPressEvent(event)


class RegionTaker(QObject):
    """Hides a window, lets the person choose a region of its screen, shows it again and hands over the picture."""

    def __init__(self, window: QWidget, done: Callable[[QImage | None], None]) -> None:
        super().__init__(window)
        self._window = window
        self._done = done
        self._overlay: RegionOverlay | None = None
        window.hide()
        QTimer.singleShot(_VANISH_MILLISECONDS, self._freeze)

    def _freeze(self) -> None:
        self._overlay = RegionOverlay(self._window.screen(), self._finish)
        self._overlay.showFullScreen()
        self._overlay.activateWindow()

    def _finish(self, image: QImage | None) -> None:
        self._window.show()
        self._window.activateWindow()
        self._done(image)
        self.deleteLater()


class BlackOutWindow(Sheet):
    """One picture; what is dragged over is covered in the bytes that are sent."""

    def __init__(self, image: QImage, done: Callable[[QImage], None]) -> None:
        super().__init__("blackOutWindow", 780)
        self._versions = [image]
        self._done = done
        translate = QCoreApplication.translate
        self.set_head(translate("BlackOutWindow", "Black out parts of the picture"), "blackout", "accent")
        self.column.addWidget(
            plain_label(
                translate("BlackOutWindow", "Drag over what others must not see. It is gone from what is sent."), "meta"
            )
        )
        self._picker = AreaPicker("blackOutPicture", image)
        self._picker.setAccessibleName(translate("BlackOutWindow", "The picture: arrow keys, Shift for size, Enter"))
        self._picker.picked.connect(self._cover)
        self.column.addWidget(self._picker, 1)
        self._undo = button(translate("BlackOutWindow", "&Undo"), "blackOutUndo")
        self._undo.setEnabled(False)
        self._undo.clicked.connect(self._take_back)
        keep = button(translate("BlackOutWindow", "Use this &picture"), "blackOutDone", "main")
        keep.clicked.connect(self._finish)
        self.buttons.addWidget(self._undo)
        self.buttons.addStretch(1)
        self.buttons.addWidget(keep)
        self.fit()
        self._picker.setFocus()

    def _cover(self, area: QRect) -> None:
        self._versions.append(blacked_out(self._versions[-1], area))
        self._show()

    def _take_back(self) -> None:
        self._versions.pop()
        self._show()

    def _show(self) -> None:
        self._picker.show_image(self._versions[-1])
        self._undo.setEnabled(len(self._versions) > 1)

    def _finish(self) -> None:
        if len(self._versions) > 1:
            self._done(self._versions[-1])
        self.answer()

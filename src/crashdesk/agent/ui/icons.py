"""The outlined icons beside this module, drawn in a colour of the theme at the screen's own resolution."""

from importlib import resources

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QImage, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

SIZE = 16


def path(name: str) -> str:
    """Return the file of an icon, with the slashes that style sheets want."""
    return str(resources.files(__package__) / "icons" / f"{name}.svg").replace("\\", "/")


def source(name: str) -> str:
    """Return the SVG text of an icon; its strokes are ``currentColor``."""
    return (resources.files(__package__) / "icons" / f"{name}.svg").read_text("utf-8")


def pixmap(name: str, colour: str, size: int = SIZE, ratio: float = 1.0) -> QPixmap:
    """Return the icon drawn in `colour`, `size` logical pixels wide on a screen of pixel ratio `ratio`."""
    renderer = QSvgRenderer(QByteArray(source(name).replace("currentColor", colour).encode()))
    image = QImage(QSize(round(size * ratio), round(size * ratio)), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    renderer.render(painter, QRectF(0, 0, image.width(), image.height()))
    painter.end()
    drawn = QPixmap.fromImage(image)
    drawn.setDevicePixelRatio(ratio)
    return drawn


def icon(name: str, colour: str) -> QIcon:
    """Return a Qt icon with the usual sizes of one drawing."""
    made = QIcon()
    for size in (16, 24, 32, 48, 64):
        made.addPixmap(pixmap(name, colour, size))
    return made

"""A picture of the program's own window at a failure: drawn by the window itself, private parts blacked out.

Only on the product's wish, only for a report that waits for the person, and never while something is being painted:
drawing the window then would enter the painting code a second time.
"""

from types import TracebackType
from typing import Any

from crashdesk.sdk.qt.binding import Binding

FILENAME = "screenshot.png"
PRIVATE_PROPERTY = "crashdesk_private"
"""Dynamic property with which a product marks a widget that is never shown."""

MOST_PIXELS_WIDE = 1600
_PAINTING = frozenset({"paintEvent", "paint", "drawControl", "drawPrimitive", "data", "headerData", "sizeHint", "grab"})


def may_draw(trace: TracebackType | None) -> bool:
    """Whether the failure came from outside the code that Qt calls to draw."""
    while trace is not None:
        if trace.tb_frame.f_code.co_name in _PAINTING:
            return False
        trace = trace.tb_next
    return True


def of_window(binding: Binding) -> bytes | None:
    """Return the active window (else the first visible one) as PNG; None where there is none to be drawn."""
    if binding.widgets is None or not binding.is_gui_thread():
        return None
    window = binding.widgets.QApplication.activeWindow() or _first_visible(binding)
    if window is None:
        return None
    drawn = window.grab()
    _black_out(binding, window, drawn)
    if drawn.width() > MOST_PIXELS_WIDE:
        drawn = drawn.scaledToWidth(MOST_PIXELS_WIDE, binding.core.Qt.TransformationMode.SmoothTransformation)
    return _png(binding, drawn)


def _first_visible(binding: Binding) -> Any:
    windows = binding.widgets.QApplication.topLevelWidgets()
    return next((window for window in windows if window.isVisible() and window.isWindow()), None)


def _black_out(binding: Binding, window: Any, drawn: Any) -> None:
    """Cover password fields and what the product marked as private, before anything leaves this function."""
    painter = binding.gui.QPainter(drawn)
    try:
        for widget in window.findChildren(binding.widgets.QWidget):
            if widget.isVisible() and _is_private(binding, widget):
                corner = widget.mapTo(window, binding.core.QPoint(0, 0))
                painter.fillRect(binding.core.QRect(corner, widget.size()), binding.core.Qt.GlobalColor.black)
    finally:
        painter.end()


def _is_private(binding: Binding, widget: Any) -> bool:
    line_edit = binding.widgets.QLineEdit
    is_secret = isinstance(widget, line_edit) and widget.echoMode() != line_edit.EchoMode.Normal
    return is_secret or bool(widget.property(PRIVATE_PROPERTY))


def _png(binding: Binding, drawn: Any) -> bytes:
    buffer = binding.core.QBuffer()
    buffer.open(binding.core.QIODevice.OpenModeFlag.WriteOnly)
    drawn.save(buffer, "PNG")
    return bytes(buffer.data().data())

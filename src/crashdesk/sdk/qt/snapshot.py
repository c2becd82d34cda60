"""Facts about Qt: versions, platform, style, screens and the program's windows, without their titles."""

from typing import Any

from crashdesk.sdk.qt import names
from crashdesk.sdk.qt.binding import Binding

MOST_WINDOWS = 20


def static_sections(binding: Binding) -> dict[str, dict[str, Any]]:
    """Return what stays as it is while the program runs; to be asked in the GUI thread."""
    sections = {"qt": _qt(binding)}
    screens = _screens(binding)
    return {**sections, "screens": screens} if screens else sections


def live_sections(binding: Binding) -> dict[str, dict[str, Any]]:
    """Return the windows that are open now; nothing outside the GUI thread."""
    if binding.widgets is None or not binding.is_gui_thread():
        return {}
    windows = [_window(widget) for widget in binding.widgets.QApplication.topLevelWidgets() if widget.isVisible()]
    focus = binding.widgets.QApplication.focusWidget()
    section: dict[str, Any] = {"windows": windows[:MOST_WINDOWS]}
    if focus is not None:
        section["focus"] = names.path(focus)
    return {"gui": section}


def _qt(binding: Binding) -> dict[str, Any]:
    facts = {
        "version": str(binding.core.qVersion()),
        "binding": binding.name,
        "binding_version": binding.version,
    }
    application = binding.application()
    gui, widgets = binding.gui, binding.widgets
    if gui is not None and isinstance(application, gui.QGuiApplication):
        facts["platform"] = str(application.platformName())
        facts["font"] = str(application.font().family())
        facts["icon_theme"] = str(gui.QIcon.themeName())
    if widgets is not None and isinstance(application, widgets.QApplication):
        facts["style"] = str(application.style().objectName())
    return facts


def _screens(binding: Binding) -> dict[str, Any]:
    gui, application = binding.gui, binding.application()
    if gui is None or not isinstance(application, gui.QGuiApplication):
        return {}
    return {"count": len(application.screens()), "screens": [_screen(screen) for screen in application.screens()]}


def _screen(screen: Any) -> dict[str, Any]:
    size = screen.size()
    return {
        "width": size.width(),
        "height": size.height(),
        "pixel_ratio": screen.devicePixelRatio(),
        "logical_dpi": round(screen.logicalDotsPerInch(), 1),
        "refresh_hz": round(screen.refreshRate(), 1),
    }


def _window(widget: Any) -> dict[str, Any]:
    return {
        "path": names.path(widget),
        "class": type(widget).__name__,
        "width": widget.width(),
        "height": widget.height(),
        "modal": bool(widget.isModal()),
        "active": bool(widget.isActiveWindow()),
    }

"""Dresses the application: light or dark as the desktop is, the platform's own font, colours from `tokens`."""

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QColor, QFont, QFontInfo, QPalette
from PySide6.QtWidgets import QApplication

from crashdesk import settings
from crashdesk.agent.ui import tokens
from crashdesk.agent.ui.style import style_sheet

USUAL_FONT_PIXELS = 13
"""What platforms take for their UI font at 100 %; a person's larger choice enlarges everything of ours."""

_ROLES = {
    QPalette.ColorRole.Window: "ground",
    QPalette.ColorRole.WindowText: "text",
    QPalette.ColorRole.Base: "surface",
    QPalette.ColorRole.AlternateBase: "ground",
    QPalette.ColorRole.Text: "text",
    QPalette.ColorRole.PlaceholderText: "meta",
    QPalette.ColorRole.Button: "surface",
    QPalette.ColorRole.ButtonText: "text",
    QPalette.ColorRole.ToolTipBase: "surface",
    QPalette.ColorRole.ToolTipText: "text",
    QPalette.ColorRole.Highlight: "accent_fill",
    QPalette.ColorRole.HighlightedText: "on_accent",
    QPalette.ColorRole.Link: "accent",
    QPalette.ColorRole.LinkVisited: "accent",
    QPalette.ColorRole.Accent: "accent",
    QPalette.ColorRole.Mid: "line_strong",
    QPalette.ColorRole.Dark: "line_strong",
}
_FADED = (
    QPalette.ColorRole.WindowText,
    QPalette.ColorRole.Text,
    QPalette.ColorRole.ButtonText,
    QPalette.ColorRole.PlaceholderText,
)


def palette(colours: tokens.Colours) -> QPalette:
    """Return Qt's palette for one theme; what cannot be used is muted, not gone."""
    made = QPalette()
    for role, name in _ROLES.items():
        made.setColor(role, QColor(getattr(colours, name)))
    for role in _FADED:
        made.setColor(QPalette.ColorGroup.Disabled, role, QColor(colours.meta))
    return made


def font_scale(font: QFont) -> float:
    """Return by how much the person's chosen UI font exceeds the usual one; never below 1."""
    return max(1.0, QFontInfo(font).pixelSize() / USUAL_FONT_PIXELS)


class Theme(QObject):
    """The dress of one application, kept in step with the desktop's light or dark."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self._scale = font_scale(app.font())
        app.setStyle("Fusion")
        app.styleHints().colorSchemeChanged.connect(self.dress)
        self.colours = tokens.LIGHT
        self.dress()

    def dress(self) -> None:
        """Put on the theme that the setting or the desktop names now."""
        self.colours = tokens.DARK if self._is_dark() else tokens.LIGHT
        self._app.setPalette(palette(self.colours))
        self._app.setStyleSheet(style_sheet(self.colours, self._scale))

    def _is_dark(self) -> bool:
        wanted = settings.value("theme")
        if wanted in {"light", "dark"}:
            return bool(wanted == "dark")
        return self._app.styleHints().colorScheme() is Qt.ColorScheme.Dark


def of(app: QApplication) -> Theme:
    """Return the application's theme, dressing it at the first call."""
    return app.findChild(Theme) or Theme(app)


def colours() -> tokens.Colours:
    """Return the colours that are worn now."""
    app = QApplication.instance()
    return of(app).colours if isinstance(app, QApplication) else tokens.LIGHT

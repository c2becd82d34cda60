"""How Fieldbook looks: Fusion with the colours of paper and moss, light and dark as the platform asks."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

_LIGHT = {
    QPalette.ColorRole.Window: "#f3f1ea",
    QPalette.ColorRole.Base: "#fdfcf8",
    QPalette.ColorRole.AlternateBase: "#f6f4ec",
    QPalette.ColorRole.Button: "#ebe8de",
    QPalette.ColorRole.Mid: "#c9c5b8",
    QPalette.ColorRole.Text: "#24261f",
    QPalette.ColorRole.WindowText: "#24261f",
    QPalette.ColorRole.ButtonText: "#24261f",
    QPalette.ColorRole.PlaceholderText: "#6d6f64",
    QPalette.ColorRole.Highlight: "#4d6b3c",
    QPalette.ColorRole.HighlightedText: "#ffffff",
}
_DARK = {
    QPalette.ColorRole.Window: "#23251f",
    QPalette.ColorRole.Base: "#1a1c17",
    QPalette.ColorRole.AlternateBase: "#20221c",
    QPalette.ColorRole.Button: "#31342b",
    QPalette.ColorRole.Light: "#3f4238",
    QPalette.ColorRole.Mid: "#44473c",
    QPalette.ColorRole.Dark: "#15160f",
    QPalette.ColorRole.Text: "#e6e5dc",
    QPalette.ColorRole.WindowText: "#e6e5dc",
    QPalette.ColorRole.ButtonText: "#e6e5dc",
    QPalette.ColorRole.PlaceholderText: "#9a9c90",
    QPalette.ColorRole.Highlight: "#6a8d54",
    QPalette.ColorRole.HighlightedText: "#10120d",
}
_SHEET = """
#documentList { border: none; border-right: 1px solid palette(mid); }
#notesEditor, #outlineTree, #entriesTable, #findResults { border: 1px solid palette(mid); border-radius: 3px; }
#filterBox, #findPhrase { padding: 4px 6px; }
#outlineTitle { font-weight: 600; }
#documentTitle { font-size: 15pt; font-weight: 600; padding: 4px 2px; }
#outlineTree::item { height: 24px; }
#entriesTable::item { padding: 0 8px; }
QHeaderView::section { padding: 3px 8px; }
#documentFacts, #entryDetails { color: palette(placeholder-text); }
QPushButton { padding: 4px 12px; }
"""


def dress(app: QApplication) -> None:
    """Set style, palette and sheet."""
    app.setStyle("Fusion")
    is_dark = app.styleHints().colorScheme() == Qt.ColorScheme.Dark
    palette = app.palette()
    for role, colour in (_DARK if is_dark else _LIGHT).items():
        palette.setColor(role, QColor(colour))
    app.setPalette(palette)
    app.setStyleSheet(_SHEET)

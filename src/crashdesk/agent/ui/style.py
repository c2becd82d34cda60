"""The style sheet of the windows: calm, flat, a visible focus everywhere; built from tokens only."""

from string import Template

from PySide6.QtGui import QColor

from crashdesk.agent.ui import icons, tokens

_SIZES = {
    "meta": tokens.META,
    "table": tokens.TABLE,
    "reading": tokens.READING,
    "title": tokens.TITLE,
    "button": 20,
    "row": 28,
    "mark": 16,
    "ring": 5,
}

_SHEET = Template("""
* { font-size: ${size_reading}px; }
QToolTip {
    color: $text; background: $surface; border: 1px solid $line_strong; padding: 4px; font-size: ${size_table}px;
}
QLabel[role="title"] { font-size: ${size_title}px; font-weight: 600; }
QLabel[role="meta"], QPushButton[role="quiet"], QLabel[role="problem"] { font-size: ${size_table}px; }
QLabel[role="meta"] { color: $meta; }
QLabel[role="problem"] { color: $red; }
QLabel[role="hint"] { background: $surface; border: 1px solid $line_strong; border-radius: 6px; padding: 8px 12px; }
QLabel[role="caption"] { font-weight: 600; }
QFrame[role="line"] { color: $line; background: $line; border: none; max-height: 1px; min-height: 1px; }
QFrame[role="column"] { color: $line; background: $line; border: none; max-width: 1px; min-width: 1px; }

QLineEdit, QPlainTextEdit, QTreeWidget {
    background: $surface; color: $text; border: 1px solid $line_strong; border-radius: 6px;
    selection-background-color: $accent_fill; selection-color: $on_accent;
}
QLineEdit { padding: 5px 8px; }
QPlainTextEdit { padding: 4px 4px; }
QPlainTextEdit[role="code"] { font-family: monospace; font-size: ${size_table}px; }
QLineEdit:focus, QPlainTextEdit:focus, QTreeWidget:focus { border: 2px solid $accent; }
QLineEdit:focus { padding: 4px 7px; }
QPlainTextEdit:focus { padding: 3px 3px; }
QLineEdit:disabled { color: $meta; background: $ground; border-color: $line; }

QPushButton {
    background: $surface; color: $text; border: 1px solid $line_strong; border-radius: 6px; padding: 6px 14px;
    min-height: ${size_button}px;
}
QPushButton:hover { background: $raised; }
QPushButton:pressed { background: $line; }
QPushButton:focus { border: 2px solid $accent; padding: 5px 13px; }
QPushButton:disabled { color: $meta; background: $ground; border-color: $line; }
QPushButton[role="main"] { background: $accent_fill; color: $on_accent; border-color: $accent_fill; font-weight: 600; }
QPushButton[role="main"]:hover { background: $pressed; border-color: $pressed; }
QPushButton[role="main"]:focus { border: 2px solid $text; }
QPushButton[role="main"]:disabled { background: $raised; color: $meta; border-color: $line; }
QPushButton[role="quiet"] {
    background: transparent; color: $accent; border: 1px solid transparent; padding: 3px 6px; min-height: 0;
}
QPushButton[role="quiet"]:hover { background: $raised; }
QPushButton[role="quiet"]:focus { border: 1px solid $accent; }

QCheckBox, QRadioButton { spacing: 8px; padding: 2px 4px; border: 1px solid transparent; border-radius: 4px; }
QCheckBox::indicator, QRadioButton::indicator, QTreeWidget::indicator {
    width: ${size_mark}px; height: ${size_mark}px; background: $surface;
    border: 1px solid $line_strong; border-radius: 4px;
}
QRadioButton::indicator { border-radius: ${size_half}px; }
QCheckBox::indicator:hover, QRadioButton::indicator:hover, QTreeWidget::indicator:hover { border-color: $accent; }
QCheckBox::indicator:checked, QTreeWidget::indicator:checked {
    background: $accent_fill; border-color: $accent; image: url($check);
}
QCheckBox::indicator:checked:disabled, QTreeWidget::indicator:checked:disabled { background: $meta; }
QRadioButton::indicator:checked {
    border: ${size_ring}px solid $accent; background: $surface;
    width: ${size_core}px; height: ${size_core}px;
}
QCheckBox:focus, QRadioButton:focus { border-color: $accent; }
QCheckBox:disabled, QRadioButton:disabled { color: $meta; }

QTreeWidget { outline: none; font-size: ${size_table}px; }
QTreeWidget::item { min-height: ${size_row}px; padding: 0 4px; border: none; }
QTreeWidget::item:selected { background: $accent_soft; color: $text; }
QHeaderView::section {
    background: $ground; color: $meta; font-size: ${size_meta}px; border: none; border-bottom: 1px solid $line;
    padding: 6px 6px;
}
QScrollBar { background: transparent; border: none; margin: 0; }
QScrollBar:vertical { width: 10px; }
QScrollBar:horizontal { height: 10px; }
QScrollBar::handle { background: $line_strong; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QScrollArea, QScrollArea > QWidget > QWidget[role="page"] { background: transparent; border: none; }
""")


def style_sheet(colours: tokens.Colours, scale: float) -> str:
    """Return the sheet for one theme; `scale` enlarges type and marks for people who chose a larger UI font."""
    sizes = {name: round(size * scale) for name, size in _SIZES.items()}
    sizes |= {"core": sizes["mark"] + 2 - 2 * sizes["ring"], "half": sizes["mark"] // 2 + 1}
    names: dict[str, object] = {f"size_{name}": size for name, size in sizes.items()}
    names |= {field: getattr(colours, field) for field in tokens.Colours.__dataclass_fields__}
    return _SHEET.substitute(names, pressed=_darker(colours.accent_fill), check=icons.path("check"))


def _darker(colour: str) -> str:
    """Return the colour a shade darker: a filled button under the pointer."""
    return QColor(colour).darker(115).name()

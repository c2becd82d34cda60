"""The style sheet of the windows: calm, flat, a visible focus everywhere; built from tokens only."""

from string import Template

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
* { font-size: ${reading}px; }
QToolTip { color: $text; background: $raised; border: 1px solid $outline; padding: 4px; font-size: ${table}px; }
QLabel[role="title"] { font-size: ${title}px; font-weight: 600; }
QLabel[role="meta"], QPushButton[role="quiet"], QLabel[role="problem"] { font-size: ${table}px; }
QLabel[role="meta"] { color: $muted; }
QLabel[role="problem"] { color: $red; }
QLabel[role="hint"] { background: $raised; border: 1px solid $outline; border-radius: 6px; padding: 8px 12px; }
QLabel[role="caption"] { font-weight: 600; }
QFrame[role="line"] { color: $line; background: $line; border: none; max-height: 1px; min-height: 1px; }
QFrame[role="column"] { color: $line; background: $line; border: none; max-width: 1px; min-width: 1px; }

QLineEdit, QPlainTextEdit, QTreeWidget {
    background: $raised; color: $text; border: 1px solid $outline; border-radius: 6px;
    selection-background-color: $accent; selection-color: $on_accent;
}
QLineEdit { padding: 5px 8px; }
QPlainTextEdit { padding: 4px 4px; }
QPlainTextEdit[role="code"] { font-family: monospace; font-size: ${table}px; }
QLineEdit:focus, QPlainTextEdit:focus, QTreeWidget:focus { border: 2px solid $accent; }
QLineEdit:focus { padding: 4px 7px; }
QPlainTextEdit:focus { padding: 3px 3px; }
QLineEdit:disabled { color: $muted; background: $ground; border-color: $line; }

QPushButton {
    background: $raised; color: $text; border: 1px solid $outline; border-radius: 6px; padding: 6px 14px;
    min-height: ${button}px;
}
QPushButton:hover { background: $sunken; }
QPushButton:pressed { background: $line; }
QPushButton:focus { border: 2px solid $accent; padding: 5px 13px; }
QPushButton:disabled { color: $muted; background: $ground; border-color: $line; }
QPushButton[role="main"] { background: $accent; color: $on_accent; border-color: $accent; font-weight: 600; }
QPushButton[role="main"]:hover { background: $accent_strong; border-color: $accent_strong; }
QPushButton[role="main"]:focus { border: 2px solid $text; }
QPushButton[role="main"]:disabled { background: $sunken; color: $muted; border-color: $line; }
QPushButton[role="quiet"] {
    background: transparent; color: $accent; border: 1px solid transparent; padding: 3px 6px; min-height: 0;
}
QPushButton[role="quiet"]:hover { background: $sunken; }
QPushButton[role="quiet"]:focus { border: 1px solid $accent; }

QCheckBox, QRadioButton { spacing: 8px; padding: 2px 4px; border: 1px solid transparent; border-radius: 4px; }
QCheckBox::indicator, QRadioButton::indicator, QTreeWidget::indicator {
    width: ${mark}px; height: ${mark}px; background: $raised; border: 1px solid $outline; border-radius: 4px;
}
QRadioButton::indicator { border-radius: ${half}px; }
QCheckBox::indicator:hover, QRadioButton::indicator:hover, QTreeWidget::indicator:hover { border-color: $accent; }
QCheckBox::indicator:checked, QTreeWidget::indicator:checked {
    background: $accent; border-color: $accent; image: url($check);
}
QCheckBox::indicator:checked:disabled, QTreeWidget::indicator:checked:disabled { background: $muted; }
QRadioButton::indicator:checked {
    border: ${ring}px solid $accent; background: $on_accent;
    width: ${core}px; height: ${core}px;
}
QCheckBox:focus, QRadioButton:focus { border-color: $accent; }
QCheckBox:disabled, QRadioButton:disabled { color: $muted; }

QTreeWidget { outline: none; font-size: ${table}px; }
QTreeWidget::item { min-height: ${row}px; padding: 0 4px; border: none; }
QTreeWidget::item:selected { background: $chosen; color: $text; }
QHeaderView::section {
    background: $ground; color: $muted; font-size: ${meta}px; border: none; border-bottom: 1px solid $line;
    padding: 6px 6px;
}
QScrollBar { background: transparent; border: none; margin: 0; }
QScrollBar:vertical { width: 10px; }
QScrollBar:horizontal { height: 10px; }
QScrollBar::handle { background: $outline; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QScrollArea, QScrollArea > QWidget > QWidget[role="page"] { background: transparent; border: none; }
""")


def style_sheet(colours: tokens.Colours, scale: float) -> str:
    """Return the sheet for one theme; `scale` enlarges type and marks for people who chose a larger UI font."""
    names = {name: str(round(size * scale)) for name, size in _SIZES.items()}
    names["core"] = str(int(names["mark"]) + 2 - 2 * int(names["ring"]))
    names["half"] = str(int(names["mark"]) // 2 + 1)
    names |= {field: getattr(colours, field) for field in tokens.Colours.__dataclass_fields__}
    check = "check-light" if colours is tokens.LIGHT else "check-dark"
    return _SHEET.substitute(names, check=icons.path(check))

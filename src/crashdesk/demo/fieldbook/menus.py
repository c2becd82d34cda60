"""The menu bar as a table: menu, name of the action, text, shortcut, and the command behind it."""

from dataclasses import dataclass

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu

from crashdesk.demo.fieldbook.commands import Commands
from crashdesk.demo.fieldbook.library import Library
from crashdesk.demo.fieldbook.naming import named
from crashdesk.demo.fieldbook.state import State
from crashdesk.demo.fieldbook.window import MainWindow


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a menu: without a text a separator or the place of the recent documents."""

    menu: str
    name: str = ""
    text: str = ""
    shortcut: str = ""
    command: str = ""


ROWS = (
    Row("&File", "actionNew", "&New document…", "Ctrl+N", "new_document"),
    Row("&File", "actionSave", "&Save", "Ctrl+S", "save"),
    Row("&File"),
    Row("&File", "actionImport", "&Import entries…", "Ctrl+I", "import_entries"),
    Row("&File", "actionExport", "&Export as web page", "Ctrl+E", "export"),
    Row("&File"),
    Row("&File", "menuRecent"),
    Row("&File"),
    Row("&File", "actionQuit", "&Quit", "Ctrl+Q", "quit"),
    Row("&Edit", "actionFind", "&Find in all documents…", "Ctrl+Shift+F", "find"),
    Row("&Edit", "actionFilter", "Fi&lter entries", "Ctrl+F", "focus_filter"),
    Row("&Edit"),
    Row("&Edit", "actionPreferences", "&Preferences…", "Ctrl+,", "preferences"),
    Row("&View", "actionNotes", "&Notes", "Alt+1", "show_notes"),
    Row("&View", "actionEntries", "&Entries", "Alt+2", "show_entries"),
    Row("&Help", "actionFeedback", "Send &feedback…", "", "feedback"),
    Row("&Help"),
    Row("&Help", "actionAbout", "&About Fieldbook", "", "about"),
)


def build_menus(window: MainWindow, commands: Commands) -> QMenu:
    """Fill the window's menu bar from the table; return the menu of recent documents."""
    menus: dict[str, QMenu] = {}
    recent = named(QMenu(window.tr("&Recent documents"), window), "menuRecent")
    window.menuBar().setObjectName("menuBar")
    for row in ROWS:
        if row.menu not in menus:
            menus[row.menu] = window.menuBar().addMenu(window.tr(row.menu))
            menus[row.menu].setObjectName("menu" + row.menu.replace("&", ""))
        if row.name == "menuRecent":
            menus[row.menu].addMenu(recent)
        else:
            _add(menus[row.menu], row, window, commands)
    return recent


def fill_recent(menu: QMenu, window: MainWindow, library: Library, state: State) -> None:
    """List the documents opened last; choosing one opens it."""
    menu.clear()
    documents = library.by_slug()
    for slug in state.recent:
        if slug in documents:
            action = menu.addAction(documents[slug].title)
            action.setData(slug)  # marks the title as the person's own, which no report repeats
            action.setObjectName("recentDocument")
            action.triggered.connect(lambda _checked=False, document=documents[slug]: window.list.choose(document))


def _add(menu: QMenu, row: Row, window: MainWindow, commands: Commands) -> None:
    if not row.text:
        menu.addSeparator()
    else:
        action = named(QAction(window.tr(row.text), window), row.name)
        action.setShortcut(QKeySequence(row.shortcut))
        command = getattr(commands, row.command)
        action.triggered.connect(lambda _checked=False: command())
        menu.addAction(action)

"""Fieldbook's application object, its window, and what belongs together around it."""

import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QApplication

from crashdesk import sdk
from crashdesk.demo.fieldbook.commands import Commands
from crashdesk.demo.fieldbook.library import Library
from crashdesk.demo.fieldbook.look import dress
from crashdesk.demo.fieldbook.menus import build_menus, fill_recent
from crashdesk.demo.fieldbook.state import State
from crashdesk.demo.fieldbook.window import MainWindow


def run(directory: Path | None, steps: Sequence[str] = ()) -> int:
    """Show the notebook in `directory` until it is closed; do `steps` of the tour by itself."""
    app = QApplication(sys.argv[:1])
    app.setApplicationName("Fieldbook")
    dress(app)
    window = open_window(directory or _default_directory())
    if steps:
        from crashdesk.demo.fieldbook.driver import Driver  # QtTest is for the tour only

        Driver(steps, window).start()
    return app.exec()


def open_window(directory: Path) -> MainWindow:
    """Open the notebook that is kept in `directory`."""
    library, state = Library(directory), State.load(directory)
    window = MainWindow(library, state)
    commands = Commands(window, library, state)
    recent = build_menus(window, commands)
    recent.aboutToShow.connect(lambda: fill_recent(recent, window, library, state))
    window.closed.connect(commands.close)
    sdk.add_snapshot_provider(
        "notebook", "How much the notebook holds, and its preferences", lambda: _facts(library, state)
    )
    window.show()
    return window


def _facts(library: Library, state: State) -> dict[str, object]:
    return {
        "documents": len(library.documents),
        "entries": sum(len(document.entries) for document in library.documents),
        "distance_unit": state.distance_unit,
    }


def _default_directory() -> Path:
    return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppDataLocation))

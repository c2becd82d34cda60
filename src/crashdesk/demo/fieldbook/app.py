"""Starts Fieldbook. What brings Crashdesk in is what the README shows: one call before the QApplication."""

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QApplication

from crashdesk import sdk, settings
from crashdesk.demo.fieldbook.commands import Commands
from crashdesk.demo.fieldbook.library import Library
from crashdesk.demo.fieldbook.look import dress
from crashdesk.demo.fieldbook.menus import build_menus, fill_recent
from crashdesk.demo.fieldbook.state import State
from crashdesk.demo.fieldbook.window import MainWindow

RELEASE = "fieldbook@2.4.0"
HANG_SECONDS = 3.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Open the window and stay until it is closed."""
    start = _parser().parse_args(arguments)
    if start.dsn:
        _bring_crashdesk_in(start)
    app = QApplication(sys.argv[:1])
    app.setApplicationName("Fieldbook")
    dress(app)
    window = open_window(start.data or _default_directory())
    if start.perform:
        from crashdesk.demo.fieldbook.driver import Driver  # QtTest is for the tour only

        driver = Driver(start.perform, window)
        driver.start()
    return app.exec()


def open_window(directory: Path) -> MainWindow:
    """Open the notebook that is kept in `directory`."""
    library, state = Library(directory), State.load(directory)
    window = MainWindow(library, state)
    commands = Commands(window, library, state)
    recent = build_menus(window, commands)
    recent.aboutToShow.connect(lambda: fill_recent(recent, window, library, state))
    window.closed.connect(commands.close)
    window.show()
    return window


def _bring_crashdesk_in(start: argparse.Namespace) -> None:
    sdk.init(
        start.dsn,
        release=RELEASE,
        environment="demo",
        product="Fieldbook",
        data_dir=start.crash_data,
        agent=start.agent,
        hang_seconds=HANG_SECONDS,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="fieldbook", description="A notebook for nature walks.")
    dsn = settings.environment("FIELDBOOK_DSN")
    parser.add_argument("--dsn", default=dsn, help="where reports go (or FIELDBOOK_DSN); without it none are made")
    parser.add_argument("--data", type=Path, help="directory of the notebook")
    parser.add_argument("--crash-data", type=Path, help="directory in which reports wait to be sent")
    parser.add_argument("--agent", type=_agent, default="auto", help="auto, off, or the command that starts it")
    parser.add_argument("--perform", nargs="+", metavar="STEP", help="do these steps of the tour by itself")
    return parser


def _agent(text: str) -> str | list[str]:
    return text if text in {"auto", "off"} else shlex.split(text)


def _default_directory() -> Path:
    return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppDataLocation))

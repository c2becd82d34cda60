"""The real agent with its real windows, and a patient user before them: writes a few words, then clicks Send.

The tour names it as the agent's command where no person sits at the machine.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from crashdesk import logs
from crashdesk.agent import main as agent
from crashdesk.agent.ui.crash_window import CrashWindow
from crashdesk.agent.ui.feedback_window import FeedbackWindow
from crashdesk.demo.fieldbook.bugs import BUGS, FEEDBACK_WORDS
from crashdesk.demo.hand import click_in, write_in

LOOK_MILLISECONDS = 150


class Attendant(QObject):
    """Answers each window of the agent once."""

    def __init__(self) -> None:
        super().__init__()
        self._answered: set[QWidget] = set()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)
        self._timer.start(LOOK_MILLISECONDS)

    def _look(self) -> None:
        for window in QApplication.topLevelWidgets():
            if window.isVisible() and window not in self._answered:
                self._answer(window)

    def _answer(self, window: QWidget) -> None:
        if isinstance(window, CrashWindow):
            write_in(window, "crashWords", words_about(window.case.newest.event.title()))
            click_in(window, "crashSend")
        elif isinstance(window, FeedbackWindow):
            click_in(window, "feedbackKindIdea")
            write_in(window, "feedbackWords", FEEDBACK_WORDS)
            click_in(window, "feedbackSend")
        self._answered.add(window)


def words_about(title: str) -> str:
    """Return what a user would write about the report with this title; nothing about a problem nobody knows."""
    return next((bug.words for bug in BUGS if title.startswith(bug.exception_type)), "")


def main(arguments: Sequence[str] | None = None) -> int:
    """Be the agent, with somebody before it."""
    parser = argparse.ArgumentParser(prog="attended_agent", description="The agent, attended.")
    parser.add_argument("--dsn")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--product", default="")
    given = parser.parse_args(arguments)
    logs.configure()
    app = QApplication(["crashdesk-agent"])
    attendant = Attendant()
    status = agent.run(given.data, given.dsn, product=given.product)
    del attendant, app
    return status


if __name__ == "__main__":
    sys.exit(main())

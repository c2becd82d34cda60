"""A person at a desk: Fieldbook and the agent as real processes in real windows, used by keyboard and mouse."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from crashdesk.demo.processes import Stage, closing_agent
from support.waiting import until
from support.xvfb import Screen

QUARRY = "Night at the quarry"
FIELDBOOK = " - Fieldbook"  # how the title of its main window ends
CRASH_TITLES = {"python": "ran into an error", "hang": "did not respond", "native": "stopped working"}


@dataclass
class Desk:
    """One user with a notebook of their own."""

    screen: Screen
    stage: Stage
    product: subprocess.Popen[bytes] | None = field(default=None)

    def open_fieldbook(self) -> None:
        with self.stage.log.open("ab") as log:
            self.product = subprocess.Popen(
                self.stage.command(), env=self.screen.environment, stdout=log, stderr=log, start_new_session=True
            )
        self.screen.window(FIELDBOOK)

    def reach(self, bug: str) -> None:
        """Do what the table of bugs says, in Fieldbook's window."""
        self.screen.window(FIELDBOOK)
        _RECIPES[bug](self)

    def send(self, kind: str, words: str, picture: Path | None = None) -> None:
        """Write into the crash window and send, by keyboard."""
        title = CRASH_TITLES[kind]
        window = self.screen.window(title, 60)
        self.screen.type(words)
        if picture is not None:
            self.screen.picture(picture, window)
        self.screen.key("alt+s")
        until(lambda: self.screen.is_gone(title), 20, "the crash window to close")

    def ended_by(self) -> int:
        """Wait until Fieldbook has ended by itself and return its status."""
        assert self.product is not None
        return self.product.wait(60)

    def close(self) -> None:
        if self.product is not None and self.product.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self.product.pid, signal.SIGKILL)
            self.product.wait()


@contextmanager
def desk(screen: Screen, directory: Path, dsn: str) -> Iterator[Desk]:
    """Yield a desk whose agent and product are ended whatever happens."""
    made = Desk(screen, Stage(directory, dsn))
    with closing_agent(made.stage):
        try:
            yield made
        finally:
            made.close()


def _filtered_row(desk: Desk) -> None:
    desk.screen.key("ctrl+f")
    desk.screen.type("curlew")
    desk.screen.key("Tab", "Home")
    window = desk.screen.window(FIELDBOOK)
    width, height = desk.screen.size(window)
    desk.screen.click(window, width - 60, height - 52)  # the button Remove, right at the bottom


def _malformed_import(desk: Desk) -> None:
    desk.screen.key("ctrl+i")
    desk.screen.window("Import entries")
    desk.screen.type("neighbours-list.csv")
    desk.screen.key("Return")


def _miles_preference(desk: Desk) -> None:
    desk.screen.key("ctrl+comma")
    desk.screen.window("Preferences")
    desk.screen.key("alt+d", "Down", "alt+s")
    until(lambda: desk.screen.is_gone("Preferences"), 20, "the preferences to close")
    _open_quarry(desk)
    desk.screen.key("alt+2", "Home", "Down")


def _slow_search(desk: Desk) -> None:
    desk.screen.key("ctrl+shift+f")
    desk.screen.window("Find in all documents")
    desk.screen.type("ringed * warbler")
    desk.screen.key("Return")


def _lost_export(desk: Desk) -> None:
    _open_quarry(desk)
    desk.screen.key("ctrl+e")


def _outline_pointer(desk: Desk) -> None:
    desk.screen.key("alt+1", "Tab", "Home", "Down", "Down", "alt+u")


def _open_quarry(desk: Desk) -> None:
    """File > Recent documents > the second; again, as a person would, where a slow menu let a key through."""
    for _ in range(3):
        desk.screen.window(FIELDBOOK)
        desk.screen.key("alt+f", "r", "Down", "Return")
        with suppress(AssertionError):
            desk.screen.window(QUARRY, 10)
            return
        desk.screen.key("Escape", "Escape", "Escape")
    desk.screen.window(QUARRY)


_RECIPES: dict[str, Callable[[Desk], None]] = {
    "filtered_row": _filtered_row,
    "malformed_import": _malformed_import,
    "miles_preference": _miles_preference,
    "slow_search": _slow_search,
    "lost_export": _lost_export,
    "outline_pointer": _outline_pointer,
}

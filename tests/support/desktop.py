"""A real X desktop for one test: Xvfb with a window manager, and a person's hands by xdotool."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from support.waiting import until


@dataclass(frozen=True)
class Desktop:
    """One screen; `environment` is for programs that shall show windows on it."""

    display: str

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in {"WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}}
        return {**kept, "DISPLAY": self.display}

    def window(self, title: str, seconds: float = 30) -> str:
        """Wait for a window whose title begins so, give it the keyboard, return its number."""
        number = until(lambda: self._do("search", "--onlyvisible", "--name", f"^{title}"), seconds, title).split()[0]
        self._do("windowactivate", "--sync", number)
        return number

    def type(self, text: str) -> None:
        self._do("type", "--delay", "15", text)

    def keys(self, *combinations: str) -> None:
        for combination in combinations:
            self._do("key", combination)

    def is_gone(self, number: str) -> bool:
        return number not in self._do("search", "--onlyvisible", "--name", ".").split()

    def _do(self, *arguments: str) -> str:
        done = subprocess.run(
            ["xdotool", *arguments], env=self.environment, capture_output=True, text=True, check=False, timeout=30
        )
        return done.stdout


@contextmanager
def desktop(size: str = "1600x1200") -> Iterator[Desktop]:
    """Start a screen on a free display number; it ends with the block."""
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{size}x24", "-nolisten", "tcp"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    manager = None
    try:
        with os.fdopen(reading) as told:
            screen = Desktop(f":{told.readline().strip()}")
        manager = subprocess.Popen(["openbox"], env=screen.environment, stderr=subprocess.DEVNULL)
        yield screen
    finally:
        for process in filter(None, (manager, server)):
            process.terminate()
            process.wait(10)

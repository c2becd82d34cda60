"""A screen nobody sees: Xvfb with the window manager openbox, and a hand on it (xdotool) that only knows X.

with screen(tmp_path) as display:
    display.type("curlew"); display.key("alt+r"); display.picture(path)
"""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from support.waiting import until

NEEDED = ("Xvfb", "openbox", "xdotool", "import")
SIZE = "1280x900x24"


def check_programs() -> None:
    """Fail where a program is missing: a test of windows that is skipped tells nothing."""
    missing = [name for name in NEEDED if shutil.which(name) is None]
    assert not missing, f"not installed: {', '.join(missing)}; `python3 installer test` installs them"


@dataclass
class Screen:
    """One X display; keys and buttons go to whatever window has the focus, as at a real desk."""

    name: str

    @property
    def environment(self) -> Mapping[str, str]:
        """Return the environment for programs that shall appear here."""
        gone = {"QT_QPA_PLATFORM", "WAYLAND_DISPLAY"}
        return {**{key: value for key, value in os.environ.items() if key not in gone}, "DISPLAY": self.name}

    def key(self, *keys: str) -> None:
        self._xdotool("key", "--delay", "40", *keys)

    def type(self, text: str) -> None:
        self._xdotool("type", "--delay", "12", text)

    def click(self, window: str, x: int, y: int) -> None:
        """Click a place of a window, counted from its upper left corner."""
        self._xdotool("mousemove", "--sync", "--window", window, str(x), str(y), "click", "1")

    def windows(self, title: str) -> list[str]:
        """Return the ids of visible windows whose title holds `title`."""
        return self._xdotool("search", "--onlyvisible", "--name", title, is_checked=False).split()

    def window(self, title: str, seconds: float = 30) -> str:
        """Wait for a window of this title, give it the focus, return its id."""
        until(lambda: self.windows(title), seconds, f"a window {title!r}")
        until(lambda: self._focus(title), seconds, f"the focus on {title!r}")
        return self.windows(title)[-1]

    def size(self, window: str) -> tuple[int, int]:
        facts = self._xdotool("getwindowgeometry", "--shell", window)
        found = dict(line.split("=") for line in facts.split())
        return int(found["WIDTH"]), int(found["HEIGHT"])

    def is_gone(self, title: str) -> bool:
        return not self.windows(title)

    def picture(self, file: Path, window: str = "root") -> None:
        """Write what is to be seen as a PNG."""
        subprocess.run(["import", "-display", self.name, "-window", window, str(file)], check=True, timeout=20)

    def _focus(self, title: str) -> bool:
        for window in self.windows(title)[-1:]:
            self._xdotool("windowactivate", window, is_checked=False)
        return title in self._xdotool("getactivewindow", "getwindowname", is_checked=False)

    def _xdotool(self, *arguments: str, is_checked: bool = True) -> str:
        done = subprocess.run(
            ["xdotool", *arguments],
            env={**os.environ, "DISPLAY": self.name},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert done.returncode == 0 or not is_checked, done.stderr
        return done.stdout.strip()


@contextmanager
def screen(directory: Path) -> Iterator[Screen]:
    """Start a display of its own number, and end it with everything on it."""
    check_programs()
    # without -noreset the server starts anew when its first client leaves, and takes the window manager with it
    reading, writing = os.pipe()
    with (directory / "xvfb.log").open("wb") as log:
        server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writing), "-screen", "0", SIZE, "-nolisten", "tcp", "-noreset"],
            pass_fds=[writing],
            stdout=log,
            stderr=log,
        )
    os.close(writing)
    try:
        with os.fdopen(reading) as numbers:
            display = Screen(f":{numbers.readline().strip()}")
        manager = subprocess.Popen(
            ["openbox"],
            env={**os.environ, "DISPLAY": display.name},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            until(lambda: display._xdotool("get_num_desktops", is_checked=False), 20, "the window manager")
            yield display
        finally:
            _end(manager)
    finally:
        _end(server)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()

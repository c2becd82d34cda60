"""faulthandler into the run's own file: stacks of a native crash, and of a hang while it lasts.

A hang is seen by a timer inside the C code of faulthandler, which also runs while a call holds the interpreter's lock;
the heartbeat of the event loop pushes it ahead. Whether the program then recovers is told by the next heartbeat.
"""

import faulthandler
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from crashdesk import clock

TEXT_BYTES = 256 * 1024
_DEBUGGERS = ("pydevd", "debugpy", "bdb")


@dataclass(frozen=True, slots=True)
class Hang:
    """The event loop stood still for so long; `text` is faulthandler's account of all threads."""

    seconds: float
    text: str


class FaultHooks:
    """Owns faulthandler in this process while the SDK is at work."""

    def __init__(self, file: int, path: Path, hang_seconds: float) -> None:
        self._file = file
        self._path = path
        self._hang_seconds = hang_seconds
        self._beat_at: float | None = None
        self._was_enabled = False

    def enable(self) -> None:
        self._was_enabled = faulthandler.is_enabled()
        faulthandler.enable(file=self._file, all_threads=True)

    def disable(self) -> None:
        """Hand faulthandler back to a host that had it on before; its file is not to be known, so standard error."""
        self.pause()
        faulthandler.disable()
        if self._was_enabled and sys.stderr is not None:
            faulthandler.enable()

    def beat(self) -> Hang | None:
        """Push the hang timer ahead; return the hang that this beat has ended, if there was one."""
        now = clock.monotonic()
        hang = self._ended_hang(now)
        if self._hang_seconds > 0 and not _is_debugged():
            faulthandler.dump_traceback_later(self._hang_seconds, file=self._file)
            self._beat_at = now
        return hang

    def pause(self) -> None:
        """No event loop runs: standing still is no hang."""
        faulthandler.cancel_dump_traceback_later()
        self._beat_at = None

    def _ended_hang(self, now: float) -> Hang | None:
        if self._beat_at is None or not 0 < self._hang_seconds <= now - self._beat_at:
            return None
        text = self._take_text()
        return Hang(now - self._beat_at, text) if "(most recent call first)" in text else None

    def _take_text(self) -> str:
        """Read what was written and empty the file, so that a later death is not taken for this hang."""
        faulthandler.cancel_dump_traceback_later()  # waits for a dump that is being written
        with self._path.open("rb") as file:
            text = file.read(TEXT_BYTES)
        os.ftruncate(self._file, 0)  # it is written at its end, so the next text begins the file again
        return text.decode("utf-8", "replace")


def _is_debugged() -> bool:
    """Whether a debugger holds the program: then standing still is wanted."""
    return sys.gettrace() is not None and any(name in sys.modules for name in _DEBUGGERS)

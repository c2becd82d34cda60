"""The files of this run that tell the next start how it ended: facts, the trail, faulthandler's text."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from crashdesk.outbox.crash_files import FAULT_FILE, Run
from crashdesk.sdk.hooks.faults import FaultHooks, Hang
from crashdesk.sdk.trail import FILE_NAME, Trail, TrailFile

WRITE_SECONDS = 1.0

Scrub = Callable[[Any], Any]


class RunFiles:
    """Begun when something may be stored, removed at a clean end. Whatever goes into them is scrubbed first."""

    def __init__(self, scrub: Scrub, trail: Trail, hang_seconds: float) -> None:
        self._scrub = scrub
        self._trail = trail
        self._hang_seconds = hang_seconds
        self._run: Run | None = None
        self._faults: FaultHooks | None = None
        self._has_changes = False
        self._written_at = float("-inf")

    def begin(self, directory: Path, facts: Mapping[str, Any]) -> None:
        """Make the files and let faulthandler write into them."""
        self._run = Run.begin(directory, self._scrub({**facts, "search_path": _search_path()}))
        self._trail.copy = TrailFile(self._run.directory / FILE_NAME, self._scrub)
        self._faults = FaultHooks(self._run.fault_file.fileno(), self._run.directory / FAULT_FILE, self._hang_seconds)
        self._faults.enable()

    def update(self, facts: Mapping[str, Any]) -> None:
        if self._run is not None:
            self._run.update(self._scrub(dict(facts)))

    def changed(self, now: float, facts: Callable[[], Mapping[str, Any]]) -> None:
        """Facts may have changed: write them, but not more often than once a second."""
        self._has_changes = True
        self.write_changes(now, facts)

    def write_changes(self, now: float, facts: Callable[[], Mapping[str, Any]]) -> None:
        if self._has_changes and now - self._written_at >= WRITE_SECONDS:
            self._has_changes, self._written_at = False, now
            self.update(facts())

    def beat(self) -> Hang | None:
        """Hear that the event loop answers; return the hang that is over by that."""
        return self._faults.beat() if self._faults is not None else None

    def pause(self) -> None:
        if self._faults is not None:
            self._faults.pause()

    def end(self) -> None:
        """End cleanly: nothing is left for the next start."""
        if self._faults is not None:
            self._faults.disable()
        self.let_go()
        if self._run is not None:
            self._run.end()
        self._run = None

    def forget(self) -> None:
        """In a forked child: the files are the parent's, and its death is not to be told by us."""
        if self._faults is not None:
            self._faults.disable()
        self.let_go()
        self._run = None

    def let_go(self) -> None:
        copy, self._trail.copy = self._trail.copy, None
        if copy is not None:
            copy.close()
        self._faults = None


def _search_path() -> list[str]:
    """Where modules come from: with it the next start names the modules of a stack that only has files."""
    return [entry for entry in dict.fromkeys(sys.path) if entry]

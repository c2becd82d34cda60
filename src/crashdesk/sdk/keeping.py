"""Puts reports into the outbox; while it cannot be used they wait in memory and are tried again.

A full or read-only disk, a foreign folder, a damaged file: the host goes on, one warning is logged, and after the
cause is gone it works without a restart.
"""

import functools
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from crashdesk import clock, logs
from crashdesk.errors import CrashdeskError
from crashdesk.outbox.store import NewReport, Outbox
from crashdesk.sdk.losses import NO_ROOM, Losses

T = TypeVar("T")

HELD_REPORTS = 20
HELD_BYTES = 8_000_000
TRY_AGAIN_SECONDS = 5.0


class Keeper:
    """The outbox of this process, opened when it can be."""

    def __init__(self, directory: Callable[[], Path], losses: Losses) -> None:
        self._directory = directory
        self._losses = losses
        self._outbox: Outbox | None = None
        self._held: deque[NewReport] = deque()
        self._lock = threading.RLock()  # a report may be made while one is made: in a signal, in __del__
        self._tried_at: float | None = None
        self._has_warned = False

    def open(self) -> Outbox | None:
        """Return the outbox, or None while it cannot be used; not tried again at once."""
        with self._lock:
            now = clock.monotonic()
            if self._outbox is None and (self._tried_at is None or now - self._tried_at > TRY_AGAIN_SECONDS):
                self._tried_at = now
                self._outbox = self._attempt(lambda: Outbox.open(self._directory()))
            return self._outbox

    def put(self, new: NewReport) -> bool:
        """Keep one report for good; False means that it is only in memory yet, or gone when there are too many."""
        with self._lock:
            outbox = self.open()
            if outbox is not None and self._attempt(lambda: outbox.put(new)) is not None:
                self.retry()
                return True
            self._hold(new)
            return False

    def retry(self) -> bool:
        """Put what was held; return whether nothing is held any more."""
        if not self._held:
            return True  # asked once a second in the window's thread: no waiting for a lock
        with self._lock:
            outbox = self.open() if self._held else None
            while outbox is not None and self._held:
                first = self._held[0]
                if self._attempt(functools.partial(outbox.put, first)) is None:
                    return False
                self._held.popleft()
            return not self._held

    def fact(self, name: str) -> Any:
        """Return a fact that product and agent share, or None when it or the outbox is not there."""
        outbox = self.open()
        return None if outbox is None else self._attempt(lambda: outbox.fact(name))

    def set_fact(self, name: str, value: Any) -> None:
        outbox = self.open()
        if outbox is not None and self.fact(name) != value:  # a write costs a sync
            self._attempt(lambda: outbox.set_fact(name, value))

    def write_losses(self) -> None:
        """Write down what was given up since the last time."""
        outbox = self.open()
        if outbox is not None:
            for dropped in self._losses.take():
                self._attempt(functools.partial(outbox.count_drop, dropped))

    def close(self) -> None:
        with self._lock:
            outbox, self._outbox = self._outbox, None
            if outbox is not None:
                self._attempt(outbox.close)

    def after_fork(self) -> None:
        """In a child: the lock may be held by a thread that is not here; what is held is the parent's to keep."""
        self._lock = threading.RLock()
        self._held = deque()

    def _hold(self, new: NewReport) -> None:
        self._held.append(new)
        while len(self._held) > HELD_REPORTS or sum(len(held.envelope) for held in self._held) > HELD_BYTES:
            self._losses.add(NO_ROOM, self._held.popleft().category)

    def _attempt(self, work: Callable[[], T]) -> T | None:
        try:
            return work()
        except (CrashdeskError, OSError) as error:
            self._warn(error)
            return None

    def _warn(self, error: Exception) -> None:
        if not self._has_warned:
            self._has_warned = True
            logs.logger("sdk").warning("%s Reports are kept in memory until it can.", error)

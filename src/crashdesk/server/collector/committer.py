"""Group commit: one thread that stores whatever gathered during its last commit, then says so to all who wait.

There is no timer. Beside that the thread, as the only writer of the intake, forgets what the processor has stored.
"""

import asyncio
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from crashdesk import clock, logs
from crashdesk.errors import StorageError
from crashdesk.server.figures import Durations
from crashdesk.server.intake.queue import IntakeWriter, NewIntake

MAX_BATCH = 512
FORGET_EVERY_SECONDS = 5.0

log = logs.logger("collector")


Tell = Callable[[StorageError | None], None]


class OwnRows(Protocol):
    """What the collector itself has to say now and then, in a row of its own."""

    def take(self, now: float, *, is_last: bool = False) -> NewIntake | None:
        """Return a row when it is time for one; it is told by ``done`` what became of it."""

    def done(self, *, is_stored: bool) -> None:
        """Take note whether the row that was taken last is stored."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    new: NewIntake
    loop: asyncio.AbstractEventLoop
    tell: Tell


class Committer:
    """The intake's only writer; ``store`` is called from event loops, all else happens on its own thread."""

    def __init__(
        self,
        writer: IntakeWriter,
        wake: Callable[[], None],
        safely_stored: Callable[[], int | None],
        own: OwnRows | None = None,
    ) -> None:
        """`wake` tells the processor of work; `safely_stored` returns the position up to which rows may go."""
        self._writer = writer
        self._wake = wake
        self._safely_stored = safely_stored
        self._own = own
        self._waiting: list[_Waiting] = []
        self._changed = threading.Condition()
        self._is_stopping = False
        self._thread = threading.Thread(target=self._work, name="intake commits", daemon=True)
        self._forget_at = 0.0
        self.last_commit_failed = False
        self.commits = self.rows = 0
        self.durations = Durations()  # of commits

    @property
    def waiting(self) -> int:
        """How many reports wait for their commit to begin."""
        return len(self._waiting)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Store what waits and end the thread."""
        with self._changed:
            self._is_stopping = True
            self._changed.notify()
        self._thread.join()

    async def store(self, new: NewIntake) -> None:
        """Return when `new` survives a power loss; raises StorageError when it was not stored."""
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.submit(new, partial(_settle, stored))
        await stored

    def submit(self, new: NewIntake, tell: Tell) -> None:
        """Store `new` and call `tell` from the running event loop: with None when it survives a power loss."""
        waiting = _Waiting(new, asyncio.get_running_loop(), tell)
        with self._changed:
            self._waiting.append(waiting)
            self._changed.notify()

    def _work(self) -> None:
        while batch := self._next_batch():
            self._commit(batch[0], self._own_row())
            self._forget_when_due()
        self._commit([], self._own_row(is_last=True))

    def _own_row(self, *, is_last: bool = False) -> NewIntake | None:
        return self._own.take(clock.monotonic(), is_last=is_last) if self._own else None

    def _next_batch(self) -> tuple[list[_Waiting]] | None:
        """Wait for work: return what gathered (nothing after a quiet while), or None when it is time to end."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._is_stopping, FORGET_EVERY_SECONDS)
            batch, self._waiting = self._waiting[:MAX_BATCH], self._waiting[MAX_BATCH:]
            return None if self._is_stopping and not batch else (batch,)

    def _commit(self, batch: Sequence[_Waiting], own: NewIntake | None) -> None:
        news = [waiting.new for waiting in batch] + ([own] if own else [])
        if not news:
            return
        failure = self._append(news)
        if own and self._own:
            self._own.done(is_stored=failure is None)
        for loop in {waiting.loop for waiting in batch}:
            with suppress(RuntimeError):  # the loop has ended: nobody waits there any more
                loop.call_soon_threadsafe(_tell, [waiting for waiting in batch if waiting.loop is loop], failure)
        if failure is None:
            self._wake()

    def _append(self, news: Sequence[NewIntake]) -> StorageError | None:
        """Commit rows; return why they could not be."""
        begun = clock.monotonic()
        failure = None
        try:
            self._writer.append(news)
        except StorageError as error:
            failure = error
            if not self.last_commit_failed:
                log.exception("reports are answered with 503 until the intake can be written again")
        self.last_commit_failed = failure is not None
        self.commits += 1
        self.rows += len(news)
        self.durations.observe(clock.monotonic() - begun)
        return failure

    def _forget_when_due(self) -> None:
        """Forget a portion of what is processed: all the time while there is more, else now and then."""
        if clock.monotonic() < self._forget_at:
            return
        try:
            position = self._safely_stored()
            has_more = position is not None and self._writer.forget(position) > 0
            if not has_more:
                self._writer.clean()
        except StorageError as error:
            log.warning("%s", error)
            has_more = False
        if not has_more:
            self._forget_at = clock.monotonic() + FORGET_EVERY_SECONDS


def _tell(batch: Sequence[_Waiting], failure: StorageError | None) -> None:
    for waiting in batch:
        waiting.tell(failure)


def _settle(stored: asyncio.Future[None], failure: StorageError | None) -> None:
    if stored.cancelled():  # its sender has gone
        return
    if failure is None:
        stored.set_result(None)
    else:
        stored.set_exception(StorageError(str(failure)))

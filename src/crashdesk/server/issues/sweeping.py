"""The sweep: what is due of retention and compaction, done by the processor in slices between its batches."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import DatabaseError

from crashdesk import clock, logs
from crashdesk.errors import StorageError
from crashdesk.server.events import freed
from crashdesk.server.events.moving import moving
from crashdesk.server.events.queries import intake_position
from crashdesk.server.events.services import move_intake_position
from crashdesk.server.issues import compaction, retention
from crashdesk.server.symbols import services as symbols

SLICE_SECONDS = 0.01  # what a report that comes meanwhile may have to wait
_NOTED_FROM_SECONDS = 600

_log = logs.logger("processor")


@dataclass(frozen=True, slots=True)
class Chore:
    """One thing that has to be done now and then; `work` yields after each small piece."""

    name: str
    every_seconds: int
    work: Callable[[datetime], Iterator[None]]


def _carry_out(_now: datetime) -> Iterator[None]:
    while freed.carry_out():
        yield


def _forget_chunks(now: datetime) -> Iterator[None]:
    symbols.forget_chunks(now)
    yield


CHORES: tuple[Chore, ...] = (
    Chore("carry out", 10, _carry_out),
    Chore("sample bodies", 20, retention.sample_bodies),
    Chore("compact", 60, compaction.compact),
    Chore("remove half written", 300, compaction.remove_half_written),  # at each start too, as it is not noted
    Chore("remove old", 600, retention.remove_old),
    Chore("keep within bytes", 600, retention.keep_within_bytes),
    Chore("forget chunks", 3600, _forget_chunks),
    Chore("forget repeats", 86_400, retention.forget_repeats),
    Chore("remove unnamed", 86_400, compaction.remove_unnamed),
)


class Sweep:
    """Does what is due, one piece after the other; several processors share the work, one at a time."""

    def __init__(self) -> None:
        self._looked_at: dict[str, float] = {}
        self._chore: Chore | None = None
        self._pieces: Iterator[None] = iter(())

    def work(self, now: datetime, seconds: float = SLICE_SECONDS) -> bool:
        """Work for about that long; return whether more is to be done at once. Trouble is logged and waits."""
        try:
            if self._chore is None and not self._begin(now):
                return False
            with moving(waits=False) as is_held:
                return is_held and self._slice(clock.monotonic() + seconds)
        except (StorageError, DatabaseError) as error:
            _log.warning("Housekeeping waits (%s): %s", self._chore.name if self._chore else "start", error)
            self._chore = None
            return False

    def _slice(self, until: float) -> bool:
        for _ in self._pieces:
            if clock.monotonic() >= until:
                return True
        self._chore = None
        return True  # the next one may be due too

    def _begin(self, now: datetime) -> bool:
        """Take up the next chore that is due, unless another processor did so meanwhile."""
        for chore in CHORES:
            if clock.monotonic() < self._looked_at.get(chore.name, 0.0):
                continue
            self._looked_at[chore.name] = clock.monotonic() + chore.every_seconds
            if chore.every_seconds < _NOTED_FROM_SECONDS or _is_due(chore, now):
                self._chore, self._pieces = chore, chore.work(now)
                return True
        return False


def sweep_all(now: datetime) -> None:
    """Do everything at once, due or not: for a command and for tests."""
    with moving():
        for chore in CHORES:
            for _ in chore.work(now):
                pass


def _is_due(chore: Chore, now: datetime) -> bool:
    """Say whether no processor did this lately, and note that one does it now; what costs little is not noted."""
    note = f"chore {chore.name}"
    if intake_position(note) > now.timestamp() - chore.every_seconds:
        return False
    move_intake_position(int(now.timestamp()), note)
    return True

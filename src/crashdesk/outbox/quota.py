"""How many reports the outbox keeps, how large and how long, and which of them go first when it is too much."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from crashdesk import settings
from crashdesk.outbox.reports import State

SECONDS_A_DAY = 86_400
HISTORY_ROWS = 500  # rows of delivered reports that are kept for "my reports"

OVER_COUNT = "queue_overflow"
OVER_BYTES = "cache_overflow"
OVER_AGE = "expired"


@dataclass(frozen=True, slots=True)
class Caps:
    """Bounds of one outbox."""

    reports: int
    size_bytes: int
    age_days: float

    @classmethod
    def from_settings(cls) -> "Caps":
        return cls(
            reports=settings.value("outbox_reports"),
            size_bytes=settings.value("outbox_bytes"),
            age_days=settings.value("outbox_days"),
        )


class Entry(NamedTuple):
    """What the decision needs to know of one undelivered report."""

    id: int
    category: str
    state: str
    created_at: float
    size_bytes: int
    likeness: str


class Drop(NamedTuple):
    """One report that has to go, and why."""

    entry: Entry
    reason: str


def to_drop(entries: Sequence[Entry], caps: Caps, now: float, newest_id: int) -> list[Drop]:
    """Decide what to give up; a report being sent and the one just put in (`newest_id`) always stay."""
    drops = [Drop(entry, OVER_AGE) for entry in entries if _may_go(entry, newest_id) and _is_expired(entry, caps, now)]
    gone = {drop.entry.id for drop in drops}
    kept = [entry for entry in entries if entry.id not in gone]
    count, size = len(kept), sum(entry.size_bytes for entry in kept)
    for entry in _in_order_of_sacrifice(kept, newest_id):
        if count <= caps.reports and size <= caps.size_bytes:
            break
        drops.append(Drop(entry, OVER_COUNT if count > caps.reports else OVER_BYTES))
        count, size = count - 1, size - entry.size_bytes
    return drops


def _may_go(entry: Entry, newest_id: int) -> bool:
    return entry.id != newest_id and entry.state != State.CLAIMED


def _is_expired(entry: Entry, caps: Caps, now: float) -> bool:
    return now - entry.created_at > caps.age_days * SECONDS_A_DAY


def _in_order_of_sacrifice(entries: Sequence[Entry], newest_id: int) -> Iterator[Entry]:
    """Yield what was refused, repeats of one failure, other failures, a person's words; old ones first."""
    oldest_first = sorted(entries, key=lambda entry: (entry.created_at, entry.id))
    last_of_kind = {entry.likeness: entry.id for entry in oldest_first if entry.likeness}

    def rank(entry: Entry) -> int:
        if entry.state == State.PARKED:
            return 0
        if entry.category == "feedback":
            return 3
        return 1 if last_of_kind.get(entry.likeness, entry.id) != entry.id else 2

    yield from sorted((entry for entry in oldest_first if _may_go(entry, newest_id)), key=rank)

"""Table of the collector's limits, and the decisions on them: pure functions of counters that are passed in."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from math import inf

from crashdesk.errors import UsageError
from crashdesk.protocol.items import ITEM_TYPES, UNKNOWN
from crashdesk.server.intake.reading import MOST_BYTES

HOUR_SECONDS, DAY_SECONDS = 3600, 86_400.0
SMOOTHING = 1 / 24  # of the average: a day of hours weighs about two thirds


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit: its value, the unit, and why it is there."""

    value: float
    unit: str
    help: str


LIMITS: dict[str, Limit] = {
    "body_bytes": Limit(
        MOST_BYTES, "bytes", "An envelope or a native crash as it comes, still compressed; it streams."
    ),
    "whole_body_bytes": Limit(20_000_000, "bytes", "A body that is read as one piece: store, security, crash dialog."),
    "body_seconds": Limit(60, "seconds", "How long a sender may take for its body."),
    "large_body_seconds": Limit(600, "seconds", "How long a sender may take for a body that streams to the disk."),
    "header_seconds": Limit(15, "seconds", "How long a connection may take for its next request's headers."),
    "drained_bytes": Limit(100_000_000, "bytes", "What is still read of a refused body, so that the answer is heard."),
    "drained_seconds": Limit(5, "seconds", "How long a refused body is still read."),
    "streamed_bytes": Limit(256 * 1024, "bytes", "A body that is larger goes to the disk while it comes."),
    "bodies_in_memory_bytes": Limit(
        64_000_000, "bytes", "All bodies in memory; beyond it they go to the disk at 64 KB."
    ),
    "upload_body_bytes": Limit(
        34_000_000, "bytes", "One request of chunks of debug files: 32 MB of them and their frame."
    ),
    "upload_seconds": Limit(600, "seconds", "How long a sender may take for a request of chunks."),
    "page_body_bytes": Limit(4_000_000, "bytes", "A body for a page or the API."),
    "connections": Limit(2_000, "connections", "Open at one time; a new one costs the one that is stuck for longest."),
    "reports_per_second": Limit(100, "reports", "What one key may send on average, unless it has a limit of its own."),
    "reports_at_once": Limit(10_000, "reports", "What one key may send in a burst before the average counts."),
    "counts_per_second": Limit(500, "reports", "Sessions and clients' own accounts of one key, on average."),
    "counts_at_once": Limit(20_000, "reports", "The same in a burst before the average counts."),
    "spike_reports": Limit(
        50_000, "reports", "What a project may always send within an hour, however little is usual."
    ),
    "spike_factor": Limit(10, "times", "How far above its usual hour a project may be before the rest is refused."),
    "reserve_bytes": Limit(200_000_000, "bytes", "Kept free on the disk for the database: below it nothing is taken."),
}


def limit(name: str) -> float:
    return LIMITS[name].value


def override(changes: Mapping[str, float]) -> None:
    """Change limits for this process, by name; raises UsageError for one that does not exist or cannot be."""
    for name, number in changes.items():
        if name not in LIMITS:
            near = get_close_matches(name, LIMITS, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]}" if near else f"there are {', '.join(LIMITS)}"
            raise UsageError(f"The setting limits names {name}, which is no limit of the collector: {hint}.")
        if not 0 < number < inf:
            raise UsageError(f"The setting limits gives {name} the value {number:g}: write a number above 0.")
        LIMITS[name] = replace(LIMITS[name], value=number)


COUNTS = "counts"
_COUNTED = frozenset({"session", "internal"})  # small, and an account has a gap without them: a rate of their own
_BULK = frozenset(row.category for row in (*ITEM_TYPES, UNKNOWN) if not row.kept)
_REPORTS = frozenset(row.category for row in ITEM_TYPES if row.kept)
GROUPS: dict[str, tuple[str, ...]] = {  # what a key sends of one group takes nothing from the other
    "reports": tuple(sorted(_REPORTS - _COUNTED)),
    "bulk": tuple(sorted(_BULK - _REPORTS - _COUNTED)),
    COUNTS: tuple(sorted(_COUNTED)),
}
GROUP_OF = {category: group for group, categories in GROUPS.items() for category in categories}


@dataclass(frozen=True, slots=True)
class Rate:
    """So many a second on average, and so many at once."""

    per_second: float
    at_once: float


def key_rate(reports_per_minute: int | None, group: str = "reports") -> Rate:
    """Return the rate of a key: its own, or what every key may send; of what is only counted it is the same for all."""
    if group == COUNTS:
        return Rate(limit("counts_per_second"), limit("counts_at_once"))
    if reports_per_minute is None:
        return Rate(limit("reports_per_second"), limit("reports_at_once"))
    return Rate(reports_per_minute / 60, max(1, reports_per_minute))


@dataclass(frozen=True, slots=True)
class Bucket:
    """What may still come at once, and when that was reckoned (monotonic seconds)."""

    level: float
    at: float


def take(bucket: Bucket | None, now: float, rate: Rate) -> tuple[Bucket, float]:
    """Take one report out of `bucket` (None is a full one): return it as it is then, and the seconds to wait.

    There is nothing to wait for, 0.0, when one was there.
    """
    if bucket is None:
        bucket = Bucket(rate.at_once, now)
    level = min(rate.at_once, bucket.level + max(0.0, now - bucket.at) * rate.per_second)
    if level >= 1.0:
        return Bucket(level - 1.0, now), 0.0
    return Bucket(level, now), (1.0 - level) / rate.per_second if rate.per_second else DAY_SECONDS


@dataclass(frozen=True, slots=True)
class Window:
    """How much of a quota is used in the window of the clock with this number."""

    number: int
    used: int


def use(window: Window | None, quantity: int, quota: tuple[int, int], now: float) -> tuple[Window, float]:
    """Use `quantity` of a quota, its seconds and how much it allows; `now` is seconds since 1970.

    Return the window as it is then and the seconds to wait, until the next window, when that is more than is left.
    """
    seconds, allowed = quota
    number = int(now // seconds)
    used = window.used if window is not None and window.number == number else 0
    if used + quantity > allowed:
        return Window(number, used), (number + 1) * seconds - now
    return Window(number, used + quantity), 0.0


@dataclass(frozen=True, slots=True)
class Usual:
    """What a project sends in an hour: its number and count until now, and the average of those before."""

    hour: int
    count: int
    average: float


def counted(usual: Usual | None, now: float) -> Usual:
    """Count one more report at `now`, seconds since 1970; hours that are over go into the average, quiet ones too."""
    hour = int(now // HOUR_SECONDS)
    if usual is None:
        return Usual(hour, 1, 0.0)
    if hour == usual.hour:
        return Usual(hour, usual.count + 1, usual.average)
    average = usual.average + (usual.count - usual.average) * SMOOTHING
    quiet = min(max(0, hour - usual.hour - 1), 1000)
    return Usual(hour, 1, average * (1 - SMOOTHING) ** quiet)


def spike_rate(usual: Usual) -> Rate:
    """Return what a project may send before it counts as a spike."""
    an_hour = max(limit("spike_reports"), limit("spike_factor") * usual.average)
    return Rate(an_hour / HOUR_SECONDS, an_hour)


def has_room(free_bytes: int, incoming_bytes: int) -> bool:
    """Whether a body may go to a disk with `free_bytes` left."""
    return free_bytes - incoming_bytes >= limit("reserve_bytes")

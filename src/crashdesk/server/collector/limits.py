"""Table of the collector's limits, and the decisions on them: pure functions of counters that are passed in."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from math import inf

from crashdesk.errors import UsageError
from crashdesk.server.intake.encodings import DecodingLimits


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit: its value, the unit, and why it is there."""

    value: float
    unit: str
    help: str


LIMITS: dict[str, Limit] = {
    "body_bytes": Limit(DecodingLimits().input_bytes, "bytes", "A request body as it comes, still compressed."),
    "body_seconds": Limit(60, "seconds", "How long a sender may take for its body."),
    "header_seconds": Limit(15, "seconds", "How long a connection may take for its next request's headers."),
    "drained_bytes": Limit(100_000_000, "bytes", "What is still read of a refused body, so that the answer is heard."),
    "drained_seconds": Limit(5, "seconds", "How long a refused body is still read."),
    "bodies_in_memory_bytes": Limit(256_000_000, "bytes", "All bodies that are being read or wait for their commit."),
    "beyond_seconds": Limit(5, "seconds", "How long one body may take to end for which that memory is exceeded."),
    "upload_body_bytes": Limit(34_000_000, "bytes", "One request of chunks of debug files: 32 MB of them and their frame."),
    "upload_seconds": Limit(600, "seconds", "How long a sender may take for a request of chunks."),
    "page_body_bytes": Limit(4_000_000, "bytes", "A body for a page or the API."),
    "connections": Limit(2_000, "connections", "Open at one time; a new one costs the one that is stuck for longest."),
    "reports_per_second": Limit(100, "reports", "What one key may send on average."),
    "reports_at_once": Limit(10_000, "reports", "What one key may send in a burst before the average counts."),
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


@dataclass(frozen=True, slots=True)
class Bucket:
    """What one key may still send at once, and when that was reckoned (monotonic seconds)."""

    level: float
    at: float


def full_bucket(now: float) -> Bucket:
    return Bucket(limit("reports_at_once"), now)


def take(bucket: Bucket, now: float) -> tuple[Bucket, float]:
    """Take one report out of `bucket`: return it as it is then, and the seconds to wait, 0.0 when there was one."""
    rate = limit("reports_per_second")
    level = min(limit("reports_at_once"), bucket.level + max(0.0, now - bucket.at) * rate)
    if level >= 1.0:
        return Bucket(level - 1.0, now), 0.0
    return Bucket(level, now), (1.0 - level) / rate


def has_room(free_bytes: int, incoming_bytes: int) -> bool:
    """Whether a body may go to a disk with `free_bytes` left."""
    return free_bytes - incoming_bytes >= limit("reserve_bytes")

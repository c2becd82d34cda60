"""Table of the collector's limits, and the decisions on them: pure functions of counters that are passed in."""

from dataclasses import dataclass

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
    "page_body_bytes": Limit(4_000_000, "bytes", "A body for a page or the API."),
    "connections": Limit(2_000, "connections", "Open at one time; a new one costs the one that is stuck for longest."),
    "reports_per_second": Limit(100, "reports", "What one key may send on average."),
    "reports_at_once": Limit(10_000, "reports", "What one key may send in a burst before the average counts."),
    "reserve_bytes": Limit(200_000_000, "bytes", "Kept free on the disk for the database: below it nothing is taken."),
}


def limit(name: str) -> float:
    return LIMITS[name].value


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

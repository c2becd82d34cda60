"""The only reader of time: wall clock in UTC, a clock for intervals, waiting, and a clock that tests hold in hand."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta


def now() -> datetime:
    """Return this moment, aware, in UTC."""
    return datetime.now(UTC)


def timestamp() -> float:
    """Return this moment as seconds since 1970 in UTC."""
    return time.time()


def monotonic() -> float:
    """Return seconds on a clock that no time correction moves; only differences mean something."""
    return time.monotonic()


def sleep(seconds: float) -> None:
    time.sleep(seconds)


@dataclass
class FrozenClock:
    """A clock that moves only when told to: pass its methods where a function takes a clock."""

    at: datetime = field(default_factory=lambda: datetime(2026, 1, 1, tzinfo=UTC))
    elapsed_seconds: float = 0.0

    def now(self) -> datetime:
        return self.at

    def timestamp(self) -> float:
        return self.at.timestamp()

    def monotonic(self) -> float:
        return self.elapsed_seconds

    def sleep(self, seconds: float) -> None:
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.elapsed_seconds += seconds

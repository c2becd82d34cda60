"""Table of the periods that lists and charts show, and how long each of their bars is."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from crashdesk.server.events.counters import hour_of


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time up to now, cut into bars of whole hours."""

    name: str
    hours: int
    bar_hours: int

    @property
    def bars(self) -> int:
        return self.hours // self.bar_hours

    def start(self, now: datetime) -> datetime:
        """Return the hour at which the first bar begins; the last bar holds `now`."""
        return hour_of(now) - timedelta(hours=self.hours - 1)


PERIODS: dict[str, Period] = {
    period.name: period for period in (Period("24h", 24, 1), Period("7d", 168, 6), Period("30d", 720, 24))
}
DEFAULT_PERIOD = PERIODS["24h"]

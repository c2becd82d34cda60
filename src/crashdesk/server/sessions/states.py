"""In which of four states a run is counted, and what a run or a group of runs adds to the sums: pure functions."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from crashdesk.protocol.session import SessionStatus

TOTAL, ERRORED, CRASHED, ABNORMAL = "total", "errored", "crashed", "abnormal"
STATES: dict[str, str] = {
    TOTAL: "All runs.",
    ERRORED: "Had an error, and neither crashed nor ended abnormally.",
    CRASHED: "Ended by a crash.",
    ABNORMAL: "Ended without a word: killed, out of memory, power lost.",
}

HourKey = tuple[datetime, str, str, str]  # hour of the start, release, environment, state


@dataclass(frozen=True, slots=True)
class Origin:
    """To which sums runs belong: when they began, of which release and environment, whose they were ("" unknown)."""

    started_at: datetime
    release: str
    environment: str
    user_digest: str


@dataclass(frozen=True, slots=True)
class Run:
    """The state of one run; `seq` and `told_at` say how new it is by the client's own count."""

    sid: UUID
    origin: Origin
    status: SessionStatus
    errors: int
    seq: int | None = None
    told_at: datetime | None = None
    received_at: datetime | None = None

    @property
    def group(self) -> "Group":
        """What this run alone adds to the sums."""
        state = self._state()
        return Group(self.origin, {TOTAL: 1} if state is None else {TOTAL: 1, state: 1})

    def _state(self) -> str | None:
        """Return the state beside TOTAL; None for a run that is healthy."""
        if self.status is SessionStatus.CRASHED:
            return CRASHED
        if self.status is SessionStatus.ABNORMAL:
            return ABNORMAL
        return ERRORED if self.errors or self.status is SessionStatus.UNHANDLED else None


@dataclass(frozen=True, slots=True)
class Group:
    """Runs of one origin, added up by state."""

    origin: Origin
    counts: Mapping[str, int]

    def add_to(self, sums: Counter[HourKey], sign: int = 1) -> None:
        """Add these runs to `sums`, or take them away."""
        origin = self.origin
        hour = origin.started_at.replace(minute=0, second=0, microsecond=0)
        for state, quantity in self.counts.items():
            sums[hour, origin.release, origin.environment, state] += sign * quantity

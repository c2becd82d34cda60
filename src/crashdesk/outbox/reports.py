"""One report in the outbox: its states, what is put in, what comes out."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Self


class State(StrEnum):
    """Where a report stands between its capture and its delivery."""

    WAITING = "waiting"  # for the person: nothing is sent before they said so
    READY = "ready"  # may be sent
    CLAIMED = "claimed"  # the agent is sending it
    LATER = "later"  # was tried; comes again after its time
    PARKED = "parked"  # the server refused it for good; kept for the person to see
    DONE = "done"  # delivered; only this row is left


CLIENT_REPORT = "client_report"  # kind of our own notes to the server: neither captured nor counted as dropped
UNSENT = (State.WAITING, State.READY, State.CLAIMED, State.LATER, State.PARKED)
TO_SEND = (State.READY, State.CLAIMED, State.LATER)


@dataclass(frozen=True, slots=True)
class NewReport:
    """What is put into the outbox. `by_person`: they sent it themselves, so a general refusal does not hold it back."""

    event_id: str
    kind: str
    category: str
    title: str
    likeness: str
    envelope: bytes
    dsn: str
    state: State
    withdrawal_secret: str | None = None
    product: str = ""
    release: str = ""
    by_person: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """One row of the outbox; lists leave `envelope` empty, a delivered report has none."""

    id: int
    event_id: str
    kind: str
    category: str
    title: str
    likeness: str
    product: str
    release: str
    dsn: str
    state: State
    created_at: datetime
    size_bytes: int
    attempts: int
    next_at: datetime | None
    approved_at: datetime | None
    sent_at: datetime | None
    reason: str | None
    withdrawal_secret: str | None
    envelope: bytes = b""

    @classmethod
    def from_row(cls, row: tuple[Any, ...]) -> Self:
        """Build it from a row of `COLUMNS`, with the envelope's bytes behind them or without."""
        fields = dict(zip((*COLUMNS, "envelope"), row, strict=False))
        fields["state"] = State(fields["state"])
        for name in ("created_at", "next_at", "approved_at", "sent_at"):
            fields[name] = _moment(fields[name])
        return cls(**fields)


COLUMNS = tuple(name for name in Report.__slots__ if name != "envelope")


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)

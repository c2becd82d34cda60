"""One run of the product as clients report it: state, duration, errors; single updates and added-up ones."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from crashdesk.protocol import foreign
from crashdesk.protocol.envelope import Item

MAX_AGGREGATES = 100


class SessionStatus(StrEnum):
    """How a run goes or went."""

    OK = "ok"
    EXITED = "exited"
    CRASHED = "crashed"
    ABNORMAL = "abnormal"
    UNHANDLED = "unhandled"

    @property
    def is_terminal(self) -> bool:
        """Whether nothing can follow."""
        return self is not SessionStatus.OK


STATUSES: dict[SessionStatus, str] = {
    SessionStatus.OK: "Running.",
    SessionStatus.EXITED: "Ended as it should.",
    SessionStatus.CRASHED: "Ended by a crash.",
    SessionStatus.ABNORMAL: "Ended without a word: killed, out of memory, power lost.",
    SessionStatus.UNHANDLED: "An error nobody handled, and the program went on or ended by itself.",
}

_EARLIEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class SessionUpdate:
    """The whole state of one run at one moment; each update stands for itself."""

    sid: str
    status: SessionStatus = SessionStatus.OK
    did: str | None = None
    started: datetime | None = None
    timestamp: datetime | None = None
    seq: int | None = None
    init: bool = False
    errors: int = 0
    duration: float | None = None
    attrs: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, payload: Any) -> "SessionUpdate | None":
        """Read an update; None when it does not say of which run."""
        update = foreign.mapping(payload)
        sid = foreign.text(update.get("sid"))
        if sid is None:
            return None
        status = _status(update.get("status"))
        least = 1 if status is SessionStatus.CRASHED else 0
        return cls(
            sid=sid,
            status=status,
            did=foreign.text(update.get("did")),
            started=foreign.moment(update.get("started")),
            timestamp=foreign.moment(update.get("timestamp")),
            seq=foreign.whole(update.get("seq")),
            init=update.get("init") is True,
            errors=max(least, foreign.whole(update.get("errors")) or 0),
            duration=_seconds(update.get("duration")),
            attrs=_attrs(update.get("attrs")),
        )

    def to_item(self) -> Item:
        """Build the item of this update."""
        said = {
            "sid": self.sid,
            "did": self.did,
            "status": self.status.value,
            "started": _written(self.started),
            "timestamp": _written(self.timestamp),
            "seq": self.seq,
            "init": self.init or None,
            "errors": self.errors,
            "duration": self.duration,
            "attrs": dict(self.attrs) or None,
        }
        return Item.from_json("session", {name: value for name, value in said.items() if value is not None})


@dataclass(frozen=True, slots=True)
class SessionAggregate:
    """Runs that began in one minute, counted by how they went; `exited` are those without errors."""

    started: datetime
    did: str | None = None
    exited: int = 0
    errored: int = 0
    crashed: int = 0
    abnormal: int = 0


@dataclass(frozen=True, slots=True)
class SessionAggregates:
    """What a ``sessions`` item holds."""

    aggregates: tuple[SessionAggregate, ...]
    attrs: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, payload: Any) -> "SessionAggregates":
        """Read added-up runs; entries without a start are left out."""
        body = foreign.mapping(payload)
        entries = foreign.mappings(body.get("aggregates"))[:MAX_AGGREGATES]
        return cls(tuple(_aggregates(entries)), _attrs(body.get("attrs")))


def newer(old: SessionUpdate, new: SessionUpdate) -> SessionUpdate:
    """Return the update that holds: an ended run is never revived, else the later by sequence, then by time."""
    if old.status.is_terminal != new.status.is_terminal:
        return old if old.status.is_terminal else new
    if old.seq is not None and new.seq is not None and old.seq != new.seq:
        return new if new.seq > old.seq else old
    return new if (new.timestamp or _EARLIEST) > (old.timestamp or _EARLIEST) else old


def _aggregates(entries: Iterable[Mapping[str, Any]]) -> Iterable[SessionAggregate]:
    for entry in entries:
        started = foreign.moment(entry.get("started"))
        if started is not None:
            counts = {name: max(0, foreign.whole(entry.get(name)) or 0) for name in _COUNTED}
            yield SessionAggregate(started, foreign.text(entry.get("did")), **counts)


_COUNTED = ("exited", "errored", "crashed", "abnormal")


def _status(value: object) -> SessionStatus:
    try:
        return SessionStatus(foreign.text(value) or "")
    except ValueError:
        return SessionStatus.OK


def _attrs(value: object) -> dict[str, str]:
    return dict(foreign.pairs(foreign.mapping(value)))


def _seconds(value: object) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and 0 <= value < 1e9 else None  # type: ignore[arg-type, operator]  # checked above


def _written(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")

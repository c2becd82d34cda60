"""Figures: runs, what came and what became of it, this installation."""

from typing import Any, TypedDict

from crashdesk.server.api.answers import time
from crashdesk.server.api.schemas import HexId, Time
from crashdesk.server.outcomes.queries import Balance


class Group(TypedDict):
    """The figures of one group: sums, and one entry for each interval."""

    by: dict[str, Any]
    totals: dict[str, float | None]
    series: dict[str, list[float | None]]


class SeriesShape(TypedDict):
    """Figures over time; `intervals` names the start of each step."""

    start: Time
    end: Time
    intervals: list[Time]
    groups: list[Group]
    query: str


class BalanceShape(TypedDict):
    """The account of one category: received = stored + dropped + waiting, and what is missing from that."""

    category: str
    received: int
    stored: int
    dropped: dict[str, int]
    waiting: int
    difference: int


class Account(TypedDict):
    """What came for a project, and what became of it."""

    received: int
    stored: int
    dropped: int
    waiting: int
    difference: int
    categories: list[BalanceShape]


class InstallationStats(TypedDict):
    """What this installation received and stored; a body that waits counts as one event until it is read."""

    events_received: int
    events_stored: int
    intake_waiting: int
    issues: int


class FailedShape(TypedDict):
    """A report that could not be processed; its bytes are kept."""

    id: str
    envelopeId: HexId | None
    dateReceived: Time
    reason: str
    size: int


class KeptShape(TypedDict):
    """An item that is kept as it came."""

    id: str
    type: str
    envelopeId: HexId | None
    dateReceived: Time
    size: int


def account(balances: list[Balance]) -> Account:
    """Return the account of a project by category and as a whole."""
    rows = [_balance(row) for row in balances]
    return {
        "received": sum(row["received"] for row in rows),
        "stored": sum(row["stored"] for row in rows),
        "dropped": sum(sum(row["dropped"].values()) for row in rows),
        "waiting": sum(row["waiting"] for row in rows),
        "difference": sum(row["difference"] for row in rows),
        "categories": rows,
    }


def _balance(row: Balance) -> BalanceShape:
    return {
        "category": row.category,
        "received": row.received,
        "stored": row.stored,
        "dropped": dict(row.dropped),
        "waiting": row.waiting,
        "difference": row.difference,
    }


def failed(row: Any) -> FailedShape:
    return {
        "id": str(row.id),
        "envelopeId": row.envelope_id.hex if row.envelope_id else None,
        "dateReceived": time(row.received_at),
        "reason": row.reason,
        "size": row.size_bytes,
    }


def kept(row: Any) -> KeptShape:
    return {
        "id": str(row.id),
        "type": row.item_type,
        "envelopeId": row.envelope_id.hex if row.envelope_id else None,
        "dateReceived": time(row.received_at),
        "size": row.size_bytes,
    }

"""Every write of outcomes: items counted by the hour in which they arrived, and the running totals of events."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crashdesk.protocol.outcomes import Outcome
from crashdesk.server.events.counters import add_counts, hour_of
from crashdesk.server.outcomes.models import OutcomeHour, Total

RECEIVED = "received"  # stands where an outcome does: every item is counted so once, beside what became of it
EVENTS_RECEIVED, EVENTS_STORED = "events_received", "events_stored"
EVENT_CATEGORIES = frozenset({"error", "security"})
CATEGORY_LIMIT, OUTCOME_LIMIT, REASON_LIMIT = 20, 20, 60

_KEYS = ("project_id", "hour", "category", "outcome", "reason")
_TOTALS = {RECEIVED: EVENTS_RECEIVED, Outcome.ACCEPTED: EVENTS_STORED}


@dataclass(frozen=True, slots=True)
class Counted:
    """What became of items of one category that arrived at `at`; with the outcome RECEIVED, that they came."""

    project_id: int
    at: datetime
    category: str
    outcome: str
    reason: str = ""
    quantity: int = 1


def count(counted: Iterable[Counted]) -> None:
    """Add to the counters of the hours in which the items arrived, and to the totals; belongs into a transaction."""
    hours: Counter[tuple[int, datetime, str, str, str]] = Counter()
    totals: Counter[tuple[int, str]] = Counter()
    for entry in counted:
        words = (entry.category[:CATEGORY_LIMIT], entry.outcome[:OUTCOME_LIMIT], entry.reason[:REASON_LIMIT])
        hours[(entry.project_id, hour_of(entry.at), *words)] += entry.quantity
        if entry.category in EVENT_CATEGORIES and entry.outcome in _TOTALS:
            totals[entry.project_id, _TOTALS[entry.outcome]] += entry.quantity
    add_counts(OutcomeHour, _KEYS, _without_nothing(hours))
    add_counts(Total, ("project_id", "name"), _without_nothing(totals))


def _without_nothing(counts: Counter[Any]) -> dict[Any, int]:
    return {key: quantity for key, quantity in counts.items() if quantity}

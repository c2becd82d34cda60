"""Every write of outcomes: items counted by the hour in which they arrived."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from crashdesk.server.events.counters import add_counts, hour_of
from crashdesk.server.outcomes.models import OutcomeHour

_KEYS = ("project_id", "hour", "category", "outcome", "reason")
CATEGORY_LIMIT, OUTCOME_LIMIT, REASON_LIMIT = 20, 20, 60


@dataclass(frozen=True, slots=True)
class Counted:
    """What became of items of one category that arrived at `at`."""

    project_id: int
    at: datetime
    category: str
    outcome: str
    reason: str = ""
    quantity: int = 1


def count(counted: Iterable[Counted]) -> None:
    """Add to the counters of the hours in which the items arrived."""
    sums: Counter[tuple[int, datetime, str, str, str]] = Counter()
    for entry in counted:
        words = (entry.category[:CATEGORY_LIMIT], entry.outcome[:OUTCOME_LIMIT], entry.reason[:REASON_LIMIT])
        sums[(entry.project_id, hour_of(entry.at), *words)] += entry.quantity
    add_counts(OutcomeHour, _KEYS, sums)

"""Every read of outcomes: how many items were kept or not, and why."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Sum

from crashdesk.server.outcomes.models import OutcomeHour


@dataclass(frozen=True, slots=True)
class OutcomeSum:
    """Items of one category with one outcome for one reason."""

    category: str
    outcome: str
    reason: str
    quantity: int


def sums(project_ids: Collection[int], since: datetime) -> list[OutcomeSum]:
    """Return what became of the items that arrived since then, most frequent first."""
    found = OutcomeHour.objects.filter(project_id__in=project_ids, hour__gte=since)
    grouped = found.values_list("category", "outcome", "reason").annotate(quantity=Sum("quantity"))
    return [OutcomeSum(*row) for row in grouped.order_by("-quantity", "category", "outcome", "reason")]

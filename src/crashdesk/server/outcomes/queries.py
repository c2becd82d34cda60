"""Every read of outcomes: what came, what became of it and why, and whether the sums agree."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import QuerySet, Sum

from crashdesk.protocol.items import item_type
from crashdesk.protocol.outcomes import Outcome
from crashdesk.server.outcomes.models import OutcomeHour, Total
from crashdesk.server.outcomes.services import EVENTS_RECEIVED, EVENTS_STORED, RECEIVED

_DROPPED = frozenset({Outcome.FILTERED, Outcome.RATE_LIMITED, Outcome.INVALID})


@dataclass(frozen=True, slots=True)
class OutcomeSum:
    """Items of one category with one outcome for one reason."""

    category: str
    outcome: str
    reason: str
    quantity: int


@dataclass(frozen=True, slots=True)
class HourSum:
    """Items of one kind of a project in one hour."""

    hour: datetime
    project_id: int
    category: str
    outcome: str
    reason: str
    quantity: int


@dataclass(slots=True)
class Balance:
    """The account of one category: what came is stored, dropped for a reason, or waits to be processed.

    What failed in processing counts as dropped although its bytes are kept, until it is processed again.
    """

    category: str
    received: int = 0
    stored: int = 0
    dropped: dict[str, int] = field(default_factory=dict)
    waiting: int = 0

    @property
    def dropped_in_all(self) -> int:
        return sum(self.dropped.values())

    @property
    def difference(self) -> int:
        """What came and is told nowhere; anything but 0 is a fault of this server that its operator should see."""
        return self.received - self.stored - self.dropped_in_all - self.waiting


@dataclass(frozen=True, slots=True)
class Totals:
    """How many events came since the beginning, and how many of them were stored."""

    events_received: int = 0
    events_stored: int = 0


def sums(project_ids: Collection[int], since: datetime) -> list[OutcomeSum]:
    """Return what became of the items that arrived since then, most frequent first."""
    found = _grouped(OutcomeHour.objects.filter(project_id__in=project_ids, hour__gte=since))
    rows = found.exclude(outcome=RECEIVED).order_by("-quantity", "category", "outcome", "reason")
    return [OutcomeSum(*row) for row in rows]


def by_hour(project_ids: Collection[int], since: datetime, until: datetime) -> list[HourSum]:
    """Return what came, and what became of it, in each hour from `since` up to before `until`."""
    found = OutcomeHour.objects.filter(project_id__in=project_ids, hour__gte=since, hour__lt=until)
    columns = ("hour", "project_id", "category", "outcome", "reason", "quantity")
    return [HourSum(*row) for row in found.order_by("hour").values_list(*columns)]


def account(
    project_ids: Collection[int], since: datetime | None = None, waiting: Mapping[str, int] | None = None
) -> list[Balance]:
    """Return the account of each category: of all times, or of what arrived since then.

    `waiting` says how many items of which type the intake holds, as the rows that wait are not counted here yet.
    """
    found = OutcomeHour.objects.filter(project_id__in=project_ids)
    balances: dict[str, Balance] = {}
    for category, outcome, reason, quantity in _grouped(found.filter(hour__gte=since) if since else found):
        _enter(balances.setdefault(category, Balance(category)), OutcomeSum(category, outcome, reason, quantity))
    for name, quantity in (waiting or {}).items():
        category = item_type(name).category
        balance = balances.setdefault(category, Balance(category))
        balance.received += quantity
        balance.waiting += quantity
    return sorted(balances.values(), key=lambda balance: balance.category)


def totals(project_ids: Collection[int] | None = None) -> Totals:
    """Return the running totals of these projects, of all where none are named."""
    found = Total.objects.all() if project_ids is None else Total.objects.filter(project_id__in=project_ids)
    by_name: dict[str, int] = defaultdict(int)
    for name, quantity in found.values_list("name", "quantity"):
        by_name[name] += quantity
    return Totals(by_name[EVENTS_RECEIVED], by_name[EVENTS_STORED])


def _grouped(found: QuerySet[OutcomeHour]) -> QuerySet[OutcomeHour, tuple[str, str, str, int]]:
    return found.values_list("category", "outcome", "reason").annotate(quantity=Sum("quantity"))


def _enter(balance: Balance, entry: OutcomeSum) -> None:
    if entry.outcome == RECEIVED:
        balance.received += entry.quantity
    elif entry.outcome == Outcome.ACCEPTED:
        balance.stored += entry.quantity
    elif entry.outcome in _DROPPED and entry.quantity:
        balance.dropped[entry.reason] = balance.dropped.get(entry.reason, 0) + entry.quantity

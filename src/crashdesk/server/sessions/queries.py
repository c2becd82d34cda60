"""Every read of runs: sums by time, project, release and environment, distinct users, crash-free rates.

healthy = total - errored - crashed - abnormal; the crash-free rate of runs is 1 - crashed / total, of users 1 - users
with a crashed run / users. Where there was none, a rate is None: nothing is known, which is not 100 %.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from crashdesk.server.sessions.models import SessionHour, SessionUser
from crashdesk.server.sessions.states import ABNORMAL, CRASHED, ERRORED, TOTAL

DAY_SECONDS, HOUR_SECONDS = 86_400, 3600
GROUPS = {"project": "project_id", "release": "release", "environment": "environment"}

Key = tuple[Any, ...]  # what a slice is about: one value for each name in `group_by`


@dataclass(frozen=True, slots=True)
class Range:
    """Which runs are asked for: those that began from `since` up to before `until`, in steps of whole hours.

    Releases and environments that are not named do not narrow. Users are known by day only.
    """

    project_ids: Collection[int]
    since: datetime
    until: datetime
    interval_seconds: int = DAY_SECONDS
    releases: Collection[str] = ()
    environments: Collection[str] = ()

    @property
    def step(self) -> timedelta:
        """The interval; at least an hour, as sums are kept by the hour."""
        return timedelta(seconds=max(self.interval_seconds, HOUR_SECONDS))

    def starts(self) -> list[datetime]:
        """Return the start of each interval, the first at or before `since`."""
        seconds = int(self.step.total_seconds())
        first = datetime.fromtimestamp(int(self.since.timestamp()) // seconds * seconds, UTC)
        return [first + place * self.step for place in range(max(0, -(-(self.until - first) // self.step)))]


@dataclass(frozen=True, slots=True)
class Users:
    """How many different users had a run, and how many of them one that crashed, erred or ended abnormally."""

    total: int = 0
    crashed: int = 0
    errored: int = 0
    abnormal: int = 0

    @property
    def crash_free(self) -> float | None:
        return 1 - self.crashed / self.total if self.total else None


@dataclass(frozen=True, slots=True)
class Runs:
    """How many runs there were, by how they went."""

    total: int = 0
    errored: int = 0
    crashed: int = 0
    abnormal: int = 0

    @property
    def healthy(self) -> int:
        return max(0, self.total - self.errored - self.crashed - self.abnormal)

    @property
    def crash_free(self) -> float | None:
        return 1 - self.crashed / self.total if self.total else None


@dataclass(slots=True)
class Slice:
    """The runs of one group: all of them, and one entry for each interval.

    `user_series` is empty where intervals are shorter than a day.
    """

    group: dict[str, Any]
    runs: Runs = field(default_factory=Runs)
    users: Users = field(default_factory=Users)
    run_series: list[Runs] = field(default_factory=list)
    user_series: list[Users] = field(default_factory=list)


def series(of: Range, group_by: Sequence[str] = ()) -> list[Slice]:
    """Return what the runs of each group did over time, most runs first; `group_by` takes names of GROUPS."""
    columns = [GROUPS[name] for name in group_by]
    starts = of.starts()
    found: dict[Key, list[Counter[str]]] = defaultdict(lambda: [Counter() for _ in starts])
    for *key, hour, state, quantity in _hours(of, columns):
        found[tuple(key)][(hour - starts[0]) // of.step][state] += quantity
    whole, parts = users(of, group_by), _users_over_time(of, group_by)
    slices = [
        Slice(
            dict(zip(group_by, key, strict=True)),
            _runs(sum(counters, Counter())),
            whole.get(key, Users()),
            [_runs(counter) for counter in counters],
            [part.get(key, Users()) for part in parts],
        )
        for key, counters in found.items()
    ]
    return sorted(slices, key=_most_runs_first)


def totals(of: Range, group_by: Sequence[str] = ()) -> list[Slice]:
    """Return the runs of each group in the whole range without what happened in between, most runs first."""
    columns = [GROUPS[name] for name in group_by]
    hours = SessionHour.objects.filter(hour__gte=of.since.replace(minute=0, second=0, microsecond=0))
    rows = _narrowed(hours.filter(hour__lt=of.until), of).values_list(*columns, "state")
    found: dict[Key, Counter[str]] = defaultdict(Counter)
    for *key, state, quantity in rows.annotate(quantity=Sum("quantity")):
        found[tuple(key)][state] += quantity
    whole = users(of, group_by)
    slices = [
        Slice(dict(zip(group_by, key, strict=True)), _runs(counter), whole.get(key, Users()))
        for key, counter in found.items()
    ]
    return sorted(slices, key=_most_runs_first)


def users(of: Range, group_by: Sequence[str] = ()) -> dict[Key, Users]:
    """Return the different users of each group in the whole range; one person in two projects counts twice."""
    columns = [GROUPS[name] for name in group_by]
    asked = _user_days(of)
    if not columns:
        return {(): Users(**asked.aggregate(**_USER_COUNTS))}
    rows = asked.values_list(*columns).annotate(**_USER_COUNTS)
    return {tuple(row[: len(columns)]): Users(*row[len(columns) :]) for row in rows}


def _most_runs_first(one: Slice) -> tuple[int, list[str]]:
    return -one.runs.total, list(map(str, one.group.values()))


def _hours(of: Range, columns: Sequence[str]) -> list[Any]:
    rows = _narrowed(SessionHour.objects.filter(hour__gte=of.starts()[0] if of.starts() else of.since), of)
    rows = rows.filter(hour__lt=of.until)
    return list(rows.values_list(*columns, "hour", "state").annotate(quantity=Sum("quantity")))


def _users_over_time(of: Range, group_by: Sequence[str]) -> list[dict[Key, Users]]:
    if of.step < timedelta(seconds=DAY_SECONDS):
        return []
    return [users(_part(of, start), group_by) for start in of.starts()]


def _part(of: Range, start: datetime) -> Range:
    end = min(start + of.step, of.until)
    return Range(of.project_ids, start, end, of.interval_seconds, of.releases, of.environments)


def _user_days(of: Range) -> QuerySet[SessionUser]:
    last = of.until - timedelta(microseconds=1)
    return _narrowed(SessionUser.objects.filter(day__gte=of.since.date(), day__lte=last.date()), of)


def _narrowed(rows: QuerySet[Any], of: Range) -> QuerySet[Any]:
    rows = rows.filter(project_id__in=of.project_ids)
    if of.releases:
        rows = rows.filter(release__in=of.releases)
    return rows.filter(environment__in=of.environments) if of.environments else rows


def _runs(counter: Counter[str]) -> Runs:
    return Runs(counter[TOTAL], counter[ERRORED], counter[CRASHED], counter[ABNORMAL])


_USER_COUNTS = {
    "total": Count("user_digest", distinct=True),
    "crashed": Count("user_digest", distinct=True, filter=Q(has_crashed=True)),
    "errored": Count("user_digest", distinct=True, filter=Q(has_errored=True)),
    "abnormal": Count("user_digest", distinct=True, filter=Q(has_ended_abnormally=True)),
}

"""Rollups: events by hour, release, environment and issue, and the users of each day; written with every batch.

They feed every list and chart and are exact for ever, whatever becomes of the events themselves.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, IntegerField, Max, Sum, Value
from django.db.models.expressions import CombinedExpression

from crashdesk.server.events import bulk
from crashdesk.server.events.counters import day_number, hour_number
from crashdesk.server.issues.counting import Occurrence, Occurrences
from crashdesk.server.issues.models import IssueHour, IssueUser, Origin, ProjectHour, UserDay
from crashdesk.server.issues.periods import Period

ELSEWHERE = 0  # the origin of what comes after MOST_ORIGINS of a project
MOST_ORIGINS = 20_000
RELEASE_LIMIT, ENVIRONMENT_LIMIT = 200, 64

Place = tuple[str, str]  # release, environment
_NOT_TOLD: Place = ("", "")


@dataclass(frozen=True, slots=True)
class Cell:
    """Events, or users, of one hour or day (its number since 1970) in one release and environment."""

    number: int
    release: str
    environment: str
    count: int


def add_hours(project_id: int, by_issue: Occurrences, now: datetime) -> None:
    """Count events by the hour in which they happened and by their origin, and note the users of the day."""
    found = [(issue_id, row) for issue_id, rows in by_issue.items() for row in rows]
    origins = _origins(project_id, {_place(row) for _, row in found})
    cells = [(issue_id, hour_number(row.happened_at), origins[_place(row)], row) for issue_id, row in found]
    issue_hours = Counter((project_id, issue_id, hour, origin) for issue_id, hour, origin, _ in cells)
    hours = Counter((project_id, hour, origin) for _, hour, origin, _ in cells)
    today = day_number(now)
    users = {(project_id, today, origin, row.user_digest) for _, _, origin, row in cells if row.user_digest}
    bulk.add_counts(IssueHour, ("project_id", "issue_id", "hour", "origin_id"), "count", issue_hours)
    bulk.add_counts(ProjectHour, ("project_id", "hour", "origin_id"), "count", hours)
    names = ("project_id", "day", "origin_id", "user_digest")
    bulk.insert(UserDay, names, sorted(users), "ON CONFLICT DO NOTHING")


def series(issues: Sequence[tuple[int, int]], period: Period, now: datetime) -> dict[int, list[int]]:
    """Return for each issue (its project and id) its events per bar of the period, oldest first; one query for all."""
    first = hour_number(period.start(now))
    bars = {issue_id: [0] * period.bars for _, issue_id in issues}
    counted = IssueHour.objects.filter(
        project_id__in={project_id for project_id, _ in issues},
        issue_id__in=bars,
        hour__range=(first, first + period.hours - 1),
    )
    place = CombinedExpression(F("hour") - first, "/", Value(period.bar_hours), output_field=IntegerField())
    summed = counted.annotate(bar=place).values_list("issue_id", "bar").annotate(total=Sum("count"))
    for issue_id, bar, count in summed:
        bars[issue_id][bar] = count
    return bars


def events_by_hour(project_id: int, since: datetime, until: datetime) -> list[Cell]:
    """Return the events of a project by hour, release and environment, oldest first."""
    hours = ProjectHour.objects.filter(project_id=project_id, hour__range=(hour_number(since), hour_number(until)))
    found = list(hours.order_by("hour", "origin_id").values_list("hour", "origin_id", "count"))
    return _cells(project_id, found)


def events_of_issue_by_hour(project_id: int, issue_id: int, since: datetime, until: datetime) -> list[Cell]:
    """Return the events of one issue by hour, release and environment, oldest first."""
    hours = IssueHour.objects.filter(
        project_id=project_id, issue_id=issue_id, hour__range=(hour_number(since), hour_number(until))
    )
    found = list(hours.order_by("hour", "origin_id").values_list("hour", "origin_id", "count"))
    return _cells(project_id, found)


def users_by_day(project_id: int, since: datetime, until: datetime) -> list[Cell]:
    """Return how many users had an event by day of arrival, release and environment, oldest first."""
    days = UserDay.objects.filter(project_id=project_id, day__range=(day_number(since), day_number(until)))
    counted = days.values_list("day", "origin_id").annotate(users=Count("user_digest")).order_by("day", "origin_id")
    return _cells(project_id, list(counted))


def users_since(project_id: int, issue_ids: Collection[int], since: datetime) -> dict[int, int]:
    """Return how many users met each of these issues on the day of `since` or later."""
    met = IssueUser.objects.filter(project_id=project_id, issue_id__in=issue_ids, last_day__gte=day_number(since))
    return dict(met.values_list("issue_id").annotate(users=Count("user_digest")))


def _place(row: Occurrence) -> Place:
    return row.release[:RELEASE_LIMIT], row.environment[:ENVIRONMENT_LIMIT]


def _origins(project_id: int, places: Collection[Place]) -> Mapping[Place, int]:
    """Return the number of each origin; what is new gets the next one."""
    known = Origin.objects.filter(project_id=project_id, release__in={release for release, _ in places})
    numbers = {
        (release, environment): id_ for release, environment, id_ in known.values_list("release", "environment", "id")
    }
    missing = sorted(set(places) - numbers.keys())
    if missing:
        numbers |= _new_origins(project_id, missing)
    return numbers


def _new_origins(project_id: int, missing: Iterable[Place]) -> dict[Place, int]:
    last = Origin.objects.filter(project_id=project_id).aggregate(last=Max("id"))["last"] or 0
    numbers = {place: number for number, place in enumerate(missing, last + 1)}
    new = [(project_id, number, *place) for place, number in numbers.items() if number <= MOST_ORIGINS]
    bulk.insert(Origin, ("project_id", "id", "release", "environment"), new)
    return {place: number if number <= MOST_ORIGINS else ELSEWHERE for place, number in numbers.items()}


def _cells(project_id: int, rows: Sequence[tuple[int, int, int]]) -> list[Cell]:
    wanted = {origin for _, origin, _ in rows}
    known = Origin.objects.filter(project_id=project_id, id__in=wanted)
    places = {id_: (release, name) for id_, release, name in known.values_list("id", "release", "environment")}
    return [Cell(number, *places.get(origin, _NOT_TOLD), count) for number, origin, count in rows]

"""Every read of issues: the list with its search, one issue, and the facts that its page shows.

Whoever asks for a person passes the ids of the projects which that person may see; what lies outside is not found.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, F, Q, QuerySet

from crashdesk.server.events.ids import first_at
from crashdesk.server.issues import rollups
from crashdesk.server.issues.filters import Asked, conditions
from crashdesk.server.issues.models import GroupingKey, Issue, IssueChange, IssueTag, MergedIssue
from crashdesk.server.issues.paging import SORTS, Cursor, Sort
from crashdesk.server.issues.periods import DEFAULT_PERIOD, Period
from crashdesk.server.issues.search import parse

__all__ = ["Issue", "IssueChange", "IssuePage", "IssueRow", "ListRequest", "issues"]

MOST_COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class ListRequest:
    """What of the issue list is asked for; `seen_since` leaves out what was not seen since then."""

    project_ids: Collection[int]
    query: str = ""
    sort: str = "last_seen"
    cursor: str = ""
    limit: int = 25
    period: Period = DEFAULT_PERIOD
    seen_since: datetime | None = None
    me: int | None = None


@dataclass(frozen=True, slots=True)
class IssueRow:
    """One row of the list: the issue and its events per bar of the period, oldest first."""

    issue: Issue
    series: list[int]


@dataclass(frozen=True, slots=True)
class IssuePage:
    """One page of the list; `next_cursor` is empty on the last one, `total` stops at MOST_COUNTED."""

    rows: list[IssueRow] = field(default_factory=list)
    next_cursor: str = ""
    total: int = 0


def issues(request: ListRequest, now: datetime) -> IssuePage:
    """Return a page of issues; raises SearchError for a query and UsageError for a cursor that cannot be read."""
    sort = SORTS.get(request.sort, SORTS["last_seen"])
    selected = _selected(request)
    if request.seen_since is not None:
        selected = selected.filter(last_seen_at__gte=request.seen_since)
    found = list(_behind(selected, sort, request.cursor).select_related("assignee")[: request.limit + 1])
    page = found[: request.limit]
    more = Cursor(getattr(page[-1], sort.column), page[-1].id).to_text() if len(found) > len(page) else ""
    series = series_of(page, request.period, now)
    rows = [IssueRow(issue, bars) for issue, bars in zip(page, series, strict=True)]
    return IssuePage(rows, more, selected[:MOST_COUNTED].count())


def arrived_since(request: ListRequest, moment: datetime) -> int:
    """Return how many of the selected issues got an event since `moment`, whenever it happened.

    Raises SearchError for a query that cannot be read.
    """
    selected = _selected(request)
    return selected.filter(last_event_id__gte=first_at(moment))[:MOST_COUNTED].count()


def issue(project_ids: Collection[int], issue_id: int) -> Issue | None:
    """Return the issue with this id, if one of the projects has it."""
    return _with_assignee().filter(project_id__in=project_ids, id=issue_id).first()


def issue_with_number(project_id: int, number: int) -> Issue | None:
    """Return the issue with this number within the project, or the one into which it was merged."""
    found = _with_assignee().filter(project_id=project_id, number=number).first()
    if found is not None:
        return found
    merged = MergedIssue.objects.filter(project_id=project_id, child_number=number).first()
    return issue([project_id], merged.parent_id) if merged else None


def issue_count(project_ids: Collection[int] | None = None) -> int:
    """Return how many issues the projects have, or all of them."""
    found = Issue.objects.all() if project_ids is None else Issue.objects.filter(project_id__in=project_ids)
    return found.count()


def series_of(found: Sequence[Issue], period: Period, now: datetime) -> list[list[int]]:
    """Return for each issue its events per bar of the period, oldest first; one query for all."""
    bars = rollups.series([(row.project_id, row.id) for row in found], period, now)
    return [bars[row.id] for row in found]


def history(of: Issue) -> list[IssueChange]:
    """Return who changed what, newest first."""
    changes = IssueChange.objects.filter(project_id=of.project_id, issue_id=of.id)
    return list(changes.select_related("user").order_by("-id"))


def grouping_keys(of: Issue) -> list[GroupingKey]:
    """Return the fingerprints that lead to this issue."""
    return list(GroupingKey.objects.filter(project_id=of.project_id, issue_id=of.id).order_by("version", "key"))


def titles_of(project_id: int, issue_ids: Collection[int]) -> dict[int, str]:
    """Return the titles of these issues, for events whose own details are no longer kept."""
    return {row.id: row.title for row in Issue.objects.filter(project_id=project_id, id__in=issue_ids)}


def new_issues(project_ids: Collection[int], releases: Collection[str]) -> dict[str, int]:
    """Return how many issues were first seen in each of these releases."""
    found = Issue.objects.filter(project_id__in=project_ids, first_release__in=releases)
    return dict(found.values_list("first_release").annotate(quantity=Count("id")).order_by())


def merged_into(of: Issue) -> list[int]:
    """Return the ids of the issues that were merged into this one, in the order of their numbers."""
    found = MergedIssue.objects.filter(project_id=of.project_id, parent_id=of.id).order_by("child_number")
    return list(found.values_list("child_id", flat=True))


def parent_of(project_ids: Collection[int], child_id: int) -> Issue | None:
    """Return the issue into which the one with this id was merged."""
    found = MergedIssue.objects.filter(project_id__in=project_ids, child_id=child_id).first()
    return issue([found.project_id], found.parent_id) if found else None


def tagged(of: Issue, key: str, *, limit: int = 20, offset: int = 0) -> list[tuple[str, int]]:
    """Return the values of one tag of an issue and how often each came, most frequent first."""
    found = IssueTag.objects.filter(project_id=of.project_id, issue_id=of.id, key=key).order_by("-count", "value")
    return list(found.values_list("value", "count")[offset : offset + limit])


def _selected(request: ListRequest) -> QuerySet[Issue]:
    asked = Asked(request.project_ids, request.me)
    return Issue.objects.filter(conditions(parse(request.query), asked), project_id__in=request.project_ids)


def _with_assignee() -> QuerySet[Issue]:
    return Issue.objects.select_related("assignee")


def _behind(selected: QuerySet[Issue], sort: Sort, cursor: str) -> QuerySet[Issue]:
    """Order the issues and leave out the pages up to the cursor."""
    if cursor:
        last = Cursor.from_text(cursor, sort)
        selected = selected.filter(
            Q(**{f"{sort.column}__lt": last.value}) | Q(**{sort.column: last.value, "id__lt": last.id})
        )
    return selected.order_by(F(sort.column).desc(), F("id").desc())

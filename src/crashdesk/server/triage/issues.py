"""The list of issues: search, trend, and what to do when there is nothing to list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from crashdesk import clock
from crashdesk.errors import UsageError
from crashdesk.server.issues import periods, search
from crashdesk.server.issues import queries as issues
from crashdesk.server.issues.queries import IssueRow, ListRequest
from crashdesk.server.projects import queries as projects
from crashdesk.server.triage import access, addresses, titles, undoing

PAGE_SIZE = 50
FIRST_QUERY = "is:unresolved"
NEW_FOR = timedelta(hours=24)

PERIOD_LABELS = {"24h": _("24 h"), "7d": _("7 d"), "30d": _("30 d")}
COLUMNS = (
    {"label": _("Events"), "width": "w-count", "is_number": True, "sort": "events"},
    {"label": _("Users"), "width": "w-count c-users", "is_number": True, "sort": "users"},
    {"label": _("Release"), "width": "w-release c-release"},
    {"label": _("Last seen"), "width": "w-age", "is_number": True, "sort": "last_seen"},
    {"label": _("Assignee"), "width": "w-who c-assignee"},
    {"label": _("Name"), "width": "w-id c-name", "sort": "first_seen"},
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks of the list."""

    query: str
    project: str
    period: periods.Period
    sort: str
    cursor: str

    @classmethod
    def of(cls, request: HttpRequest) -> "Asked":
        """Read the address; whatever it names that does not exist becomes the default."""
        return cls(
            query=request.GET.get("query", FIRST_QUERY).strip(),
            project=request.GET.get("project", ""),
            period=periods.PERIODS.get(request.GET.get("period", ""), periods.DEFAULT_PERIOD),
            sort=request.GET.get("sort", "last_seen"),
            cursor=request.GET.get("cursor", ""),
        )


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show the list, or only its part when htmx asks for a swap."""
    visible = access.projects(request)
    if not visible:
        return render(request, "triage/issues.html", {"state": "no_project"})
    asked = Asked.of(request)
    facts = _facts_of(asked) | {"projects": list(visible.values())} | _listed(request, visible, asked)
    if not facts.get("rows") and not issues.issue_count(visible.keys()):
        return render(request, "triage/issues.html", {"state": "first_use", "first_project": _first(visible)})
    htmx = getattr(request, "htmx", None)
    is_part = htmx and not htmx.history_restore_request
    facts["undo"] = undoing.taken(request)
    return render(request, "triage/issues_list.html" if is_part else "triage/issues.html", facts)


@require_safe
def news(request: HttpRequest) -> HttpResponse:
    """Say how many issues got an event since a page was made; the list itself never moves under the pointer."""
    visible, since = access.projects(request), _moment(request.GET.get("since", ""))
    if since is None:
        raise BadRequest
    try:
        number = issues.arrived_since(_order(request, visible, Asked.of(request)), since)
    except search.SearchError:
        number = 0
    if not number:
        return HttpResponse(status=204)
    return render(request, "triage/issues_news.html", {"number": number})


@require_safe
def first(request: HttpRequest) -> HttpResponse:
    """Let the page of the first use turn into the list as soon as there is an issue."""
    has_any = issues.issue_count(access.projects(request).keys())
    return HttpResponse(headers={"HX-Refresh": "true"}) if has_any else HttpResponse(status=204)


def _moment(text: str) -> datetime | None:
    """Return the moment that an address gives as seconds since 1970."""
    try:
        return datetime.fromtimestamp(float(text), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _facts_of(asked: Asked) -> dict[str, Any]:
    choices = [{"name": name, "label": PERIOD_LABELS[name]} for name in periods.PERIODS]
    return {
        "query": asked.query,
        "project": asked.project,
        "sort": asked.sort,
        "period": {"name": asked.period.name, "label": PERIOD_LABELS[asked.period.name]},
        "periods": choices,
        "columns": COLUMNS,
        "is_later_page": bool(asked.cursor),
        "since": f"{clock.timestamp():.3f}",
    }


def _order(request: HttpRequest, visible: Mapping[int, access.Project], asked: Asked) -> ListRequest:
    chosen = [id_ for id_, project in visible.items() if asked.project in {"", project.slug}]
    return ListRequest(chosen, asked.query, asked.sort, asked.cursor, PAGE_SIZE, asked.period, me=request.user.pk)


def _listed(request: HttpRequest, visible: Mapping[int, access.Project], asked: Asked) -> dict[str, Any]:
    now = clock.now()
    try:
        found = issues.issues(_order(request, visible, asked), now)
    except search.SearchError as error:
        return {"problem": {"text": str(error), "pointer": " " * error.position + "↑"}}
    except UsageError as error:
        return {"problem": {"text": str(error), "pointer": ""}}
    changeable = {id_ for id_ in visible if access.may(request, "event:write", id_)}
    rows = [_row(entry, visible[entry.issue.project_id], now) for entry in found.rows]
    for row, entry in zip(rows, found.rows, strict=True):
        row["may_change"] = entry.issue.project_id in changeable
    return {"rows": rows, "next_cursor": found.next_cursor, "total": found.total, "drops": drops(asked.query)}


def _row(entry: IssueRow, project: access.Project, now: datetime) -> dict[str, Any]:
    issue = entry.issue
    return {
        "short_id": addresses.name_of(project, issue),
        "address": addresses.of_issue(project, issue),
        "title": titles.title(issue),
        "value": titles.message(issue),
        "kind": issue.kind,
        "state": issue.state,
        "has_regressed": issue.regressed_at is not None,
        "counts": entry.series,
        "event_count": issue.event_count,
        "user_count": issue.user_count,
        "feedback_count": issue.feedback_count,
        "release": issue.last_release.rpartition("@")[2],
        "first_release": issue.first_release,
        "last_release": issue.last_release,
        "is_new": now - issue.first_seen_at < NEW_FOR,
        "last_seen_at": issue.last_seen_at,
        "assignee": (issue.assignee.name or issue.assignee.email.partition("@")[0]) if issue.assignee else "",
    }


def drops(query: str) -> list[dict[str, str]]:
    """Return each term of a query that found nothing, and the query without it."""
    terms: Sequence[search.Term] = search.parse(query)
    if not terms:
        return []
    ends = [*(term.position for term in terms[1:]), len(query)]
    spans = [(term.position, end) for term, end in zip(terms, ends, strict=True)]
    return [{"term": query[at:end].strip(), "rest": (query[:at] + query[end:]).strip()} for at, end in spans]


def _first(visible: Mapping[int, access.Project]) -> dict[str, Any]:
    project = next(iter(visible.values()))
    row = projects.project_with_slug(project.slug)
    key = projects.first_active_key(row) if row else None
    dsn = projects.dsn_of(key, settings.CRASHDESK_URL) if key else ""
    return {"id": project.id, "slug": project.slug, "name": project.name, "dsn": dsn}

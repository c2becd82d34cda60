"""Issues: lists with the query of the search box, one issue, and setting its state."""

from collections.abc import Collection
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse

from crashdesk import clock
from crashdesk.errors import UsageError
from crashdesk.server.api import cursors, issue_shapes
from crashdesk.server.api.answers import Refusal, answer, not_there, page
from crashdesk.server.api.authentication import Caller
from crashdesk.server.issues import queries, services
from crashdesk.server.issues.queries import Issue, ListRequest
from crashdesk.server.issues.states import STATES

_SORTS = {"date": "last_seen", "new": "first_seen", "freq": "events", "user": "users"}
_OTHER_NAMES = {"muted": "ignored"}  # what sentry-cli 3 calls it
_MOST_AT_ONCE = 1000


def of_project(request: HttpRequest, caller: Caller, org: str, name: str) -> HttpResponse:
    """List issues of one project."""
    return _listed(request, caller, [caller.project(org, name).id])


def of_organisation(request: HttpRequest, caller: Caller, org: str) -> HttpResponse:
    """List issues of the projects that the token's person may see, or of those that ``project=`` names."""
    chosen = request.GET.getlist("project")
    if chosen and chosen != ["-1"]:
        return _listed(request, caller, [caller.project(org, name).id for name in chosen])
    return _listed(request, caller, _ids_below(caller, org))


def one(request: HttpRequest, caller: Caller, issue_id: str, org: str | None = None) -> HttpResponse:
    del request, org
    row = found(caller, issue_id)
    return answer(issue_shapes.issue(row, caller.projects[row.project_id]))


def change(request: HttpRequest, caller: Caller, issue_id: str, org: str | None = None) -> HttpResponse:
    """Set the state of one issue."""
    del org
    row = found(caller, issue_id)
    _set_state(caller, row, _asked_state(request))
    return answer(issue_shapes.issue(row, caller.projects[row.project_id]))


def change_many(request: HttpRequest, caller: Caller, org: str, name: str) -> HttpResponse:
    """Set the state of the issues that ``id=`` names, or of all that ``status=`` and ``query=`` select."""
    project = caller.project(org, name)
    caller.must("event:write", project.id)
    state = _asked_state(request)
    ids = request.GET.getlist("id")
    rows = [found(caller, entry, [project.id]) for entry in ids] if ids else _selected(request, caller, project.id)
    for row in rows:
        _set_state(caller, row, state)
    return answer({"status": state})


def found(caller: Caller, issue_id: str, project_ids: Collection[int] | None = None) -> Issue:
    """Return the visible issue with this id."""
    is_number = issue_id.isascii() and issue_id.isdigit() and len(issue_id) < 20
    visible = caller.projects.keys() if project_ids is None else project_ids
    row = queries.issue(visible, int(issue_id)) if is_number and int(issue_id) < 2**63 else None
    if row is None:
        raise not_there()
    return row


def _listed(request: HttpRequest, caller: Caller, project_ids: Collection[int]) -> HttpResponse:
    order = ListRequest(
        project_ids,
        query=_query(request),
        sort=_SORTS.get(request.GET.get("sort", "date"), "last_seen"),
        cursor=cursors.asked(request),
        limit=_limit(request),
        me=caller.user.pk,
    )
    shown = _page(order)
    rows = [issue_shapes.issue(entry.issue, caller.projects[entry.issue.project_id]) for entry in shown.rows]
    return page(request, rows, cursors.after(shown.next_cursor))


def _page(order: ListRequest) -> queries.IssuePage:
    try:
        return queries.issues(order, clock.now())
    except UsageError as error:
        raise Refusal(400, str(error)) from error


def _query(request: HttpRequest) -> str:
    """Return the query, with what ``status=`` asks beside it as one more part."""
    states = [_OTHER_NAMES.get(state, state) for state in request.GET.getlist("status")]
    return " ".join([*(f"is:{state}" for state in states), request.GET.get("query", "")]).strip()


def _limit(request: HttpRequest) -> int:
    asked = request.GET.get("limit", "")
    is_number = asked.isascii() and asked.isdigit() and len(asked) < 5
    return min(max(int(asked), 1), cursors.PAGE_SIZE) if is_number else cursors.PAGE_SIZE


def _ids_below(caller: Caller, org: str) -> list[int]:
    inside = [row.id for row in caller.projects.values() if org in {row.organisation.slug, str(row.organisation_id)}]
    if not inside:
        raise not_there()
    return inside


def _selected(request: HttpRequest, caller: Caller, project_id: int) -> list[Issue]:
    query = _query(request)
    if not query:
        raise Refusal(400, "Say which issues: give id=, status= or query=.")
    order = ListRequest([project_id], query=query, limit=_MOST_AT_ONCE, me=caller.user.pk)
    return [entry.issue for entry in _page(order).rows]


def _asked_state(request: HttpRequest) -> str:
    try:
        body: Any = orjson.loads(request.body)
    except orjson.JSONDecodeError as error:
        raise Refusal(400, "The body is not JSON.") from error
    asked = body.get("status") if isinstance(body, dict) else None
    state = _OTHER_NAMES.get(asked, asked) if isinstance(asked, str) else None
    if state not in STATES:
        raise Refusal(400, f"status must be one of {', '.join(STATES)}.")
    return str(state)


def _set_state(caller: Caller, row: Issue, state: str) -> None:
    caller.must("event:write", row.project_id)
    try:
        services.set_state(row, state, by=caller.user, now=clock.now())
    except UsageError as error:
        raise Refusal(400, str(error)) from error

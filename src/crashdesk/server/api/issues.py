"""Issues: lists with the query of the search box, one issue, its tags."""

from collections.abc import Collection
from typing import Any

from django.http import HttpRequest, HttpResponse

from crashdesk import clock
from crashdesk.server.api import cursors, issue_shapes, periods
from crashdesk.server.api.answers import Refusal, answer, not_there, page
from crashdesk.server.api.authentication import Caller
from crashdesk.server.issues import queries, tags
from crashdesk.server.issues.names import parse_short_id, short_id
from crashdesk.server.issues.queries import Issue, ListRequest
from crashdesk.server.issues.states import STATES

OTHER_NAMES = {"muted": "ignored", "resolvedInNextRelease": "resolved"}  # what Sentry's clients call them
_SORTS = {"date": "last_seen", "new": "first_seen", "freq": "events", "user": "users"}


def of_project(request: HttpRequest, caller: Caller, org: str, name: str) -> HttpResponse:
    """List issues of one project."""
    return _listed(request, caller, [caller.project(org, name).id])


def of_organisation(request: HttpRequest, caller: Caller, org: str) -> HttpResponse:
    """List issues of the projects that the token's person may see, or of those that ``project=`` names."""
    chosen = caller.projects_below(org, request.GET.getlist("project"))
    return _listed(request, caller, [row.id for row in chosen])


def one(request: HttpRequest, caller: Caller, issue_id: str, org: str | None = None) -> HttpResponse:
    """Give one issue."""
    del request
    row = found(caller, issue_id, org)
    shown = issue_shapes.whole(row, caller.projects[row.project_id], tags.tags_of(row), _merged_into(row))
    return answer(shown)


def by_short_id(request: HttpRequest, caller: Caller, org: str, short_id: str) -> HttpResponse:
    """Find the issue that people call by this name."""
    del request
    named = parse_short_id(short_id)
    project = caller.project(org, named.slug) if named else None
    row = queries.issue_with_number(project.id, named.number) if named and project else None
    if row is None or project is None:
        raise not_there()
    return answer(_place(row, project))


def tags_of(request: HttpRequest, caller: Caller, issue_id: str, org: str | None = None) -> HttpResponse:
    """List the tags of an issue with their most frequent values."""
    del request
    return answer([issue_shapes.tag(row) for row in tags.tags_of(found(caller, issue_id, org))])


def tag(request: HttpRequest, caller: Caller, issue_id: str, key: str, org: str | None = None) -> HttpResponse:
    """Give one tag of an issue with its most frequent values."""
    del request
    of_issue = tags.tags_of(found(caller, issue_id, org))
    row = next((entry for entry in of_issue if entry.key == key), None)
    if row is None:
        raise not_there()
    return answer(issue_shapes.tag(row))


def tag_values(request: HttpRequest, caller: Caller, issue_id: str, key: str, org: str | None = None) -> HttpResponse:
    """List the values of one tag of an issue, most frequent first."""
    row = found(caller, issue_id, org)
    offset = cursors.offset(request)
    values = queries.tagged(row, key, limit=cursors.PAGE_SIZE + 1, offset=offset)
    if not values and not offset:
        raise not_there()
    shown = [{"key": key, "value": value, "name": value, "count": count} for value, count in values]
    return page(request, shown[: cursors.PAGE_SIZE], cursors.after_offset(offset, len(shown)))


def found(caller: Caller, issue_id: str, org: str | None = None, project_ids: Collection[int] | None = None) -> Issue:
    """Return the visible issue with this id, or the one into which it was merged; refuse what the role excludes."""
    if org is not None and project_ids is None:
        project_ids = [
            row.id for row in caller.projects.values() if org in {row.organisation.slug, str(row.organisation_id)}
        ]
    visible = caller.projects.keys() if project_ids is None else project_ids
    number = as_number(issue_id)
    row = (queries.issue(visible, number) or queries.parent_of(visible, number)) if number is not None else None
    if row is None:
        raise not_there()
    caller.must(row.project_id)
    return row


def as_number(text: str) -> int | None:
    """Return the row id that `text` is, if it is one."""
    is_number = text.isascii() and text.isdigit() and len(text) < 20
    return int(text) if is_number and int(text) < 2**63 else None


def selected(request: HttpRequest, caller: Caller, project_ids: Collection[int], most: int) -> list[Issue]:
    """Return the issues that ``status=`` and ``query=`` select, last seen first; all of them when nothing is said."""
    query = asked_query(request)
    order = ListRequest(project_ids, query=query, limit=most, me=caller.user.pk)
    return [entry.issue for entry in queries.issues(order, clock.now()).rows]


def asked_query(request: HttpRequest) -> str:
    """Return the query, with what ``status=`` asks beside it as one more part."""
    states = [OTHER_NAMES.get(state, state) for state in request.GET.getlist("status")]
    unknown = [state for state in states if state not in STATES]
    if unknown:
        raise Refusal(400, f"status must be one of {', '.join(STATES)}.")
    return " ".join([*(f"is:{state}" for state in states), request.GET.get("query", "")]).strip()


def _listed(request: HttpRequest, caller: Caller, project_ids: Collection[int]) -> HttpResponse:
    now = clock.now()
    order = ListRequest(
        project_ids,
        query=asked_query(request),
        sort=_SORTS.get(request.GET.get("sort", "date"), "last_seen"),
        cursor=cursors.asked(request),
        limit=cursors.limit(request),
        seen_since=periods.since(request, now),
        me=caller.user.pk,
    )
    shown = queries.issues(order, now)
    rows = [issue_shapes.issue(entry.issue, caller.projects[entry.issue.project_id]) for entry in shown.rows]
    return page(request, rows, cursors.after(shown.next_cursor))


def _merged_into(row: Issue) -> list[str]:
    return [str(child) for child in queries.merged_into(row)]


def _place(row: Issue, project: Any) -> issue_shapes.ShortIdShape:
    return {
        "organizationSlug": project.organisation.slug,
        "projectSlug": project.slug,
        "groupId": str(row.id),
        "shortId": short_id(project.slug, row.number),
        "group": issue_shapes.issue(row, project),
    }

"""Changes of issues: state, assignee, merging, deleting; of one, of those named, or of all that a query selects."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse

from crashdesk import clock
from crashdesk.server.accounts import queries as accounts
from crashdesk.server.api import bodies, issue_shapes, issues
from crashdesk.server.api.answers import Refusal, answer, nothing
from crashdesk.server.api.authentication import Caller
from crashdesk.server.api.issue_shapes import IssueChanges, IssuesChanged
from crashdesk.server.issues import erasing, merging, services
from crashdesk.server.issues.queries import Issue

MOST_AT_ONCE = 1000


def change(request: HttpRequest, caller: Caller, issue_id: str, org: str | None = None) -> HttpResponse:
    """Set state or assignee of one issue."""
    row = issues.found(caller, issue_id, org)
    _apply(caller, [row], bodies.read(request, IssueChanges))
    again = issues.found(caller, str(row.id), org)
    shown = issue_shapes.whole(again, caller.projects[row.project_id], [], [])
    return answer(shown)


def change_many(request: HttpRequest, caller: Caller, org: str, name: str) -> HttpResponse:
    """Change or merge the issues that ``id=`` names, or all that ``status=`` and ``query=`` select."""
    return _changed(request, caller, [caller.project(org, name).id])


def change_in_organisation(request: HttpRequest, caller: Caller, org: str) -> HttpResponse:
    """Change or merge issues of several projects of the organisation; only issues of one project can be merged."""
    return _changed(request, caller, _below(request, caller, org))


def delete(request: HttpRequest, caller: Caller, issue_id: str, org: str | None = None) -> HttpResponse:
    """Delete one issue with its events; what comes later becomes a new issue."""
    del request
    row = issues.found(caller, issue_id, org)
    erasing.erase_issue(row.project_id, row.id)
    return nothing(202)


def delete_many(request: HttpRequest, caller: Caller, org: str, name: str) -> HttpResponse:
    """Delete the issues that ``id=`` names, or all that ``status=`` and ``query=`` select."""
    return _deleted(request, caller, [caller.project(org, name).id])


def delete_in_organisation(request: HttpRequest, caller: Caller, org: str) -> HttpResponse:
    """Delete issues of several projects of the organisation."""
    return _deleted(request, caller, _below(request, caller, org))


def _below(request: HttpRequest, caller: Caller, org: str) -> list[int]:
    return [row.id for row in caller.projects_below(org, request.GET.getlist("project"))]


def _changed(request: HttpRequest, caller: Caller, project_ids: Sequence[int]) -> HttpResponse:
    changes = bodies.read(request, IssueChanges)
    rows = _named(request, caller, project_ids, or_all="status" in changes)
    if changes.get("merge"):
        return answer(_merged(caller, rows))
    return answer(_apply(caller, rows, changes))


def _deleted(request: HttpRequest, caller: Caller, project_ids: Sequence[int]) -> HttpResponse:
    for row in _named(request, caller, project_ids, or_all=False):
        erasing.erase_issue(row.project_id, row.id)
    return nothing(204)


def _named(request: HttpRequest, caller: Caller, project_ids: Sequence[int], *, or_all: bool) -> list[Issue]:
    """Return the issues that are meant; `or_all` says whether a call that names nothing means all of them."""
    ids = list(dict.fromkeys(request.GET.getlist("id")))
    if len(ids) > MOST_AT_ONCE:
        raise Refusal(400, f"Name at most {MOST_AT_ONCE} issues at once.")
    if ids:
        return [issues.found(caller, entry, project_ids=project_ids) for entry in ids]
    if not or_all and not issues.asked_query(request):
        raise Refusal(400, "Say which issues: give id=, status= or query=.")
    return issues.selected(request, caller, project_ids, MOST_AT_ONCE)


def _merged(caller: Caller, rows: Sequence[Issue]) -> IssuesChanged:
    project_ids = {row.project_id for row in rows}
    if len(project_ids) != 1:
        raise Refusal(400, "Only issues of one project can be merged: name two of them or more.")
    parent, children = merging.merge(project_ids.pop(), [row.id for row in rows], by=caller.user, now=clock.now())
    return {"merge": {"parent": str(parent), "children": [str(child) for child in children]}}


def _apply(caller: Caller, rows: Sequence[Issue], changes: IssueChanges) -> IssuesChanged:
    """Set what is asked for on every issue; what cannot be is refused before anything changes."""
    done: IssuesChanged = {}
    people = {row.id: _person(caller, row, changes["assignedTo"]) for row in rows if "assignedTo" in changes}
    if "status" in changes:
        state = issues.OTHER_NAMES.get(changes["status"], changes["status"])
        for row in rows:
            services.set_state(row, state, by=caller.user, now=clock.now())
        done["status"] = state
    for row in rows if "assignedTo" in changes else ():
        services.assign(row, people[row.id], by=caller.user, now=clock.now())
        done["assignedTo"] = issue_shapes.assignee(people[row.id])
    return done


def _person(caller: Caller, row: Issue, asked: str | None) -> Any:
    """Return the member of the project that is meant: by e-mail address, ``user:ID``, ID or ``me``."""
    if not asked:
        return None
    if asked == "me":
        asked = str(caller.user.pk)
    named = asked.removeprefix("user:").casefold()
    for person in accounts.members_of(row.project_id):
        if named in {person.email.casefold(), str(person.pk)}:
            return person
    raise Refusal(400, "assignedTo: name a member of the project by e-mail address or as user:ID.")

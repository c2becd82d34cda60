"""Resolve, ignore, reopen, assign: one issue or many, and taking it back."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from crashdesk import clock
from crashdesk.errors import UsageError
from crashdesk.server.accounts import queries as accounts
from crashdesk.server.issues import services
from crashdesk.server.issues.names import ShortId, parse_short_id
from crashdesk.server.triage import access, addresses, issue_facts, looking_up, undoing
from crashdesk.server.triage.looking_up import SeenIssue

MOST_AT_ONCE = 200
STATE_OF = {"resolve": "resolved", "ignore": "ignored", "reopen": "unresolved"}
_SAID = {
    "resolve": gettext_lazy("resolved"),
    "ignore": gettext_lazy("ignored"),
    "reopen": gettext_lazy("reopened"),
    "assign": gettext_lazy("assigned"),
    "assign_me": gettext_lazy("assigned to you"),
}
Change = Callable[[SeenIssue], bool]


@require_POST
def change_one(request: HttpRequest, name: ShortId) -> HttpResponse:
    """Change one issue; answer with its head for htmx, else lead back to it."""
    seen = looking_up.issue(request, name)
    _apply(request, [seen], request.POST.get("action", ""))
    if getattr(request, "htmx", None):
        facts = {
            "issue": issue_facts.of(request, seen),
            "undo": undoing.taken(request),
            "back": addresses.of_issue(seen.project, seen.row),
        }
        return render(request, "triage/issue_head.html", facts)
    return HttpResponseRedirect(addresses.of_issue(seen.project, seen.row))


@require_POST
def change_many(request: HttpRequest) -> HttpResponse:
    """Change the selected issues; each of them is looked up through what this person may see."""
    names = dict.fromkeys(request.POST.getlist("issue"))
    if len(names) > MOST_AT_ONCE:
        raise BadRequest
    found = [looking_up.issue(request, name) for name in map(_name, names)]
    _apply(request, found, request.POST.get("action", ""))
    return HttpResponseRedirect(addresses.back(request, reverse("issues")))


@require_POST
def undo(request: HttpRequest) -> HttpResponse:
    """Take back the last change, step by step; what somebody else changed since may stay as it is."""
    steps = request.POST.getlist("step")[:MOST_AT_ONCE]
    for name, what, before in (_step(text) for text in steps):
        seen = looking_up.issue(request, name)
        access.must(request, "event:write", seen.project)
        _change_back(request, seen, what, before)
    return HttpResponseRedirect(addresses.back(request, reverse("issues")))


def _name(text: str) -> ShortId:
    found = parse_short_id(text)
    if found is None:
        raise BadRequest
    return found


def _step(text: str) -> tuple[ShortId, str, str]:
    name, _colon, rest = text.partition(":")
    what, _colon, before = rest.partition(":")
    return _name(name), what, before


def _apply(request: HttpRequest, found: list[SeenIssue], action: str) -> None:
    for seen in found:
        access.must(request, "event:write", seen.project)
    change = _change(request, action)
    steps = [step for seen in found for step in _changed(seen, action, change)]
    if steps:
        said = ngettext("%(number)d issue %(done)s.", "%(number)d issues %(done)s.", len(steps))
        undoing.offer(request, undoing.Undo(said % {"number": len(steps), "done": _SAID[action]}, steps))


def _changed(seen: SeenIssue, action: str, change: Change) -> list[str]:
    """Make one change and return the step that takes it back; none when nothing had to change."""
    name, row = addresses.name_of(seen.project, seen.row), seen.row
    is_state = action in STATE_OF
    before = f"{name}:state:{row.state}" if is_state else f"{name}:assignee:{row.assignee_id or ''}"
    return [before] if change(seen) else []


def _change(request: HttpRequest, action: str) -> Change:
    now, by = clock.now(), _person(request)
    if action in STATE_OF:
        return lambda seen: services.set_state(seen.row, STATE_OF[action], by=by, now=now)
    if action == "assign_me":
        return lambda seen: services.assign(seen.row, _member(seen, str(by.pk)), by=by, now=now)
    if action == "assign":
        asked = request.POST.get("assignee", "")
        return lambda seen: services.assign(seen.row, _member(seen, asked), by=by, now=now)
    raise BadRequest


def _change_back(request: HttpRequest, seen: SeenIssue, what: str, before: str) -> None:
    now, by = clock.now(), _person(request)
    try:
        if what == "state":
            services.set_state(seen.row, before, by=by, now=now)
        elif what == "assignee":
            services.assign(seen.row, _member(seen, before), by=by, now=now)
    except UsageError as error:
        raise BadRequest from error


def _person(request: HttpRequest) -> Any:
    return request.user


def _member(seen: SeenIssue, asked: str) -> Any:
    """Return the member of the issue's project whose id was asked for; nobody for an empty one."""
    if not asked:
        return None
    found = next((user for user in accounts.members_of(seen.project.id) if str(user.pk) == asked), None)
    if found is None:
        raise PermissionDenied(_("Only members of %(name)s can be assigned its issues.") % {"name": seen.project.name})
    return found

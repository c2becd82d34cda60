"""The page of one event: everything that came with it."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_safe

from crashdesk.protocol.event import EventView
from crashdesk.server.events import queries as events
from crashdesk.server.events.queries import Event
from crashdesk.server.feedback import queries as feedback
from crashdesk.server.issues import queries as issues
from crashdesk.server.issues.names import ShortId
from crashdesk.server.triage import access, addresses, event_facts, issue_facts, looking_up, said
from crashdesk.server.triage.looking_up import SeenIssue


@require_safe
def page(request: HttpRequest, name: ShortId, event_id: str) -> HttpResponse:
    """Show an event below its issue."""
    seen, row = looking_up.event(request, name, event_id)
    body = event_facts.body_of(row)
    wrote = feedback.of_event(seen.project.id, row.event_id)
    facts = event_facts.of(seen, row, body or {}) | _beside(seen, row)
    facts |= {
        "issue": issue_facts.of(request, seen),
        "is_readable": body is not None,
        "is_kept": bool(row.body),
        "kept_address": _kept_beside(seen, row),
        "facts": event_facts.facts(row, body or {}),
        "tags": EventView(body or {}).tags,
        "extra": event_facts.older_extra(body or {}),
        "words": said.shown(request, wrote),
        "files": said.files(seen.project, row.event_id),
    }
    return render(request, "triage/event.html", facts)


@require_safe
def anywhere(request: HttpRequest, event_id: str) -> HttpResponse:
    """Lead from an event's id alone to its page, if one of this person's projects has it."""
    visible = access.projects(request)
    row = events.event(visible.keys(), event_id)
    issue = issues.issue([row.project_id], row.issue_id) if row else None
    if row is None or issue is None:
        raise Http404
    return HttpResponseRedirect(addresses.of_event(visible[row.project_id], issue, row))


def _kept_beside(seen: SeenIssue, row: Event) -> str:
    """Return the address of an event of the issue whose details are kept, if those of `row` are not."""
    kept = [] if row.body else events.kept_bodies(seen.project.id, seen.row.id, limit=1)
    return addresses.of_event(seen.project, seen.row, kept[0]) if kept else ""


def _beside(seen: SeenIssue, row: Event) -> dict[str, Any]:
    """Return the addresses of the events that came just before and just after."""
    older, newer = events.neighbours(row)
    return {
        "older_address": addresses.of_event(seen.project, seen.row, older) if older else "",
        "newer_address": addresses.of_event(seen.project, seen.row, newer) if newer else "",
    }

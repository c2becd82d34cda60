"""The page of an issue's events, newest first."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from crashdesk.server.events import queries as events
from crashdesk.server.issues.names import ShortId
from crashdesk.server.triage import event_facts, issue_facts, looking_up, paging


@require_safe
def page(request: HttpRequest, name: ShortId) -> HttpResponse:
    """List an issue's events."""
    seen = looking_up.issue(request, name)
    before = paging.before(request)
    found = events.events_of_issue(seen.project.id, seen.row.id, before=before, limit=paging.SIZE + 1)
    facts = {
        "issue": issue_facts.of(request, seen),
        "events": [event_facts.listed(seen, row) for row in found[: paging.SIZE]],
        "next_cursor": paging.next_cursor(found),
        "is_later_page": before is not None,
    }
    return render(request, "triage/events.html", facts)

"""The page of one issue: why, to whom, since when, what next."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from crashdesk.server.events import queries as events
from crashdesk.server.events.bodies import said_by_us
from crashdesk.server.events.queries import Event
from crashdesk.server.feedback import queries as feedback
from crashdesk.server.grouping.fingerprint import Fingerprint
from crashdesk.server.issues import queries as issues
from crashdesk.server.issues import tags
from crashdesk.server.issues.names import ShortId
from crashdesk.server.triage import event_facts, issue_facts, looking_up, said, undoing
from crashdesk.server.triage.looking_up import SeenIssue

RECENT_EVENTS = 10
MOST_WORDS = 20
LEAST_EVENTS_TO_COMPARE = 3
_BESIDE = frozenset({"release", "level"})  # they have their place in the strip


@require_safe
def page(request: HttpRequest, name: ShortId) -> HttpResponse:
    """Show an issue through its latest event."""
    seen = looking_up.issue(request, name)
    facts = {
        "issue": issue_facts.of(request, seen) | issue_facts.figures(seen),
        "history": [issue_facts.said_of(change) for change in issues.history(seen.row)],
        "undo": undoing.taken(request),
    }
    recent = events.events_of_issue(seen.project.id, seen.row.id, limit=RECENT_EVENTS)
    shown = _newest_kept(seen, recent)
    body = event_facts.body_of(shown) if shown else None
    if shown is None or body is None:
        return render(request, "triage/issue.html", facts)
    facts |= event_facts.of(seen, shown, body) | _of_latest(request, seen, recent, body)
    return render(request, "triage/issue.html", facts)


def _newest_kept(seen: SeenIssue, recent: list[Event]) -> Event | None:
    """Return the newest event whose details are kept; the newest of all, unless a person had it erased."""
    if not recent or recent[0].body:
        return recent[0] if recent else None
    return next(iter(events.kept_bodies(seen.project.id, seen.row.id, limit=1)), None)


def _of_latest(request: HttpRequest, seen: SeenIssue, recent: list[Event], body: Mapping[str, Any]) -> dict[str, Any]:
    wrote = feedback.of_issue(seen.project.id, seen.row.id, limit=MOST_WORDS)
    return {
        "events": [event_facts.listed(seen, row) for row in recent],
        "unusual": _unusual(seen),
        "words": said.shown(request, wrote),
        "grouping": Fingerprint.from_json(said_by_us(body).get("grouping")),
    }


def _unusual(seen: SeenIssue) -> list[dict[str, Any]]:
    """Return the tags that are more frequent here than in the project."""
    if seen.row.event_count < LEAST_EVENTS_TO_COMPARE:
        return []
    compared = (tag for tag in tags.tags_of(seen.row) if tag.key not in _BESIDE)
    found = tags.unusual(compared, seen.row.event_count)
    return [
        {"key": row.key, "value": row.value.value, "here": row.value.share, "usual": row.value.usual_share}
        for row in found
    ]

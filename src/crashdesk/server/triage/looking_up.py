"""From an address to a row: through the projects that this person may see, 404 for all else."""

from dataclasses import dataclass

from django.http import Http404, HttpRequest

from crashdesk.server.events import queries as events
from crashdesk.server.events.queries import Event
from crashdesk.server.issues import queries as issues
from crashdesk.server.issues.names import ShortId
from crashdesk.server.issues.queries import Issue
from crashdesk.server.triage import access


@dataclass(frozen=True, slots=True)
class SeenIssue:
    """An issue and the project through which it was found."""

    project: access.Project
    row: Issue


def issue(request: HttpRequest, name: ShortId) -> SeenIssue:
    """Return the visible issue of this name."""
    project = access.project(request, name.slug)
    row = issues.issue_with_number(project.id, name.number)
    if row is None:
        raise Http404
    return SeenIssue(project, row)


def event(request: HttpRequest, name: ShortId, event_id: str) -> tuple[SeenIssue, Event]:
    """Return a visible event below its issue."""
    seen = issue(request, name)
    row = events.event([seen.project.id], event_id)
    if row is None or row.issue_id != seen.row.id:
        raise Http404
    return seen, row

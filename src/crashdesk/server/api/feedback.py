"""Users' words."""

from django.http import HttpRequest, HttpResponse

from crashdesk import clock
from crashdesk.protocol.envelope import normalise_event_id
from crashdesk.protocol.feedback import Feedback
from crashdesk.server.api import bodies, cursors, issue_shapes
from crashdesk.server.api.answers import Refusal, answer, page
from crashdesk.server.api.authentication import Caller
from crashdesk.server.api.issue_shapes import FeedbackBody
from crashdesk.server.feedback import queries
from crashdesk.server.issues import services


def of_project(request: HttpRequest, caller: Caller, org: str, name: str) -> HttpResponse:
    """List feedback of a project, newest first, whichever way it came."""
    project = caller.project(org, name)
    rows = queries.inbox([project.id], before=cursors.before(request), limit=cursors.PAGE_SIZE + 1)
    return page(request, [issue_shapes.feedback(row) for row in rows[: cursors.PAGE_SIZE]], cursors.after_rows(rows))


def add(request: HttpRequest, caller: Caller, org: str, name: str) -> HttpResponse:
    """Add a user's words about an event, which may come before the event does; the same words twice are one."""
    project = caller.project(org, name)
    asked = bodies.read(request, FeedbackBody)
    words = Feedback.from_user_report({**asked, "event_id": _event_id(asked)})
    return answer(issue_shapes.feedback(services.add_words(project.id, words, clock.now())))


def _event_id(asked: FeedbackBody) -> str | None:
    written = asked.get("event_id") or asked.get("eventID")
    if not written:
        return None
    found = normalise_event_id(written)
    if found is None:
        raise Refusal(400, "event_id: an event's id has 32 hex digits.")
    return found

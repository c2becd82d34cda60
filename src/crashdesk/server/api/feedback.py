"""Users' words."""

from django.http import HttpRequest, HttpResponse

from crashdesk.server.api import cursors, issue_shapes
from crashdesk.server.api.answers import page
from crashdesk.server.api.authentication import Caller
from crashdesk.server.feedback import queries


def of_project(request: HttpRequest, caller: Caller, org: str, name: str) -> HttpResponse:
    """List feedback of a project, newest first, whichever way it came."""
    project = caller.project(org, name)
    rows = queries.inbox([project.id], before=cursors.before(request), limit=cursors.PAGE_SIZE + 1)
    return page(request, [issue_shapes.feedback(row) for row in rows[: cursors.PAGE_SIZE]], cursors.after_rows(rows))

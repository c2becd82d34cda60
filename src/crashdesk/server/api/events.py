"""Events of issues and projects, with their files."""

import hashlib
from typing import Any

from django.http import HttpRequest, HttpResponse

from crashdesk.errors import StorageError
from crashdesk.server.api import cursors, event_shapes, issues
from crashdesk.server.api.answers import answer, not_there, page
from crashdesk.server.api.authentication import Caller
from crashdesk.server.events import queries
from crashdesk.server.events.queries import Event
from crashdesk.server.feedback import queries as feedback


def of_issue(request: HttpRequest, caller: Caller, issue_id: str, org: str | None = None) -> HttpResponse:
    """List the events of an issue, newest first."""
    del org
    row = issues.found(caller, issue_id)
    before, limit = cursors.before(request), cursors.PAGE_SIZE + 1
    return _page(request, queries.events_of_issue(row.project_id, row.id, before=before, limit=limit))


def latest(request: HttpRequest, caller: Caller, issue_id: str, org: str | None = None) -> HttpResponse:
    del request, org
    row = issues.found(caller, issue_id)
    return _whole(queries.latest_event(row.project_id, row.id))


def oldest(request: HttpRequest, caller: Caller, issue_id: str, org: str | None = None) -> HttpResponse:
    del request, org
    row = issues.found(caller, issue_id)
    return _whole(queries.oldest_event(row.project_id, row.id))


def of_project(request: HttpRequest, caller: Caller, org: str, name: str) -> HttpResponse:
    """List the events of a project, newest first."""
    project = caller.project(org, name)
    before, limit = cursors.before(request), cursors.PAGE_SIZE + 1
    return _page(request, queries.events_of_project(project.id, before=before, limit=limit))


def one(request: HttpRequest, caller: Caller, org: str, name: str, event_id: str) -> HttpResponse:
    del request
    return _whole(queries.event([caller.project(org, name).id], event_id))


def attachments(request: HttpRequest, caller: Caller, org: str, name: str, event_id: str) -> HttpResponse:
    """List the files of an event or of a piece of feedback."""
    del request
    found = queries.attachments_of(*_owner(caller, org, name, event_id))
    return answer([event_shapes.attachment(row, _sha1(row)) for row in found])


def attachment(request: HttpRequest, caller: Caller, org: str, name: str, event_id: str, file_id: str) -> HttpResponse:
    """Give a file's facts, or with ``?download=1`` its bytes."""
    files = queries.attachments_of(*_owner(caller, org, name, event_id))
    row = next((file for file in files if str(file.id) == file_id), None)
    if row is None:
        raise not_there()
    if "download" not in request.GET:
        return answer(event_shapes.attachment(row, _sha1(row)))
    response = HttpResponse(_content(row), content_type="application/octet-stream")
    response["Content-Disposition"] = "attachment"  # a name chosen by the report is the caller's to choose
    response["Content-Security-Policy"] = "default-src 'none'; sandbox; frame-ancestors 'none'"
    return response


def _owner(caller: Caller, org: str, name: str, event_id: str) -> tuple[int, Any]:
    """Return project and id of the event, or of the feedback, that has this id."""
    project = caller.project(org, name)
    event = queries.event([project.id], event_id)
    if event is not None:
        return project.id, event.event_id
    said = feedback.feedback([project.id], event_id)
    if said is None:
        raise not_there()
    return project.id, said.feedback_id


def _page(request: HttpRequest, rows: list[Event]) -> HttpResponse:
    shown = [event_shapes.listed(row, _body(row)) for row in rows[: cursors.PAGE_SIZE]]
    return page(request, shown, cursors.after_rows(rows))


def _whole(row: Event | None) -> HttpResponse:
    if row is None:
        raise not_there()
    return answer(event_shapes.whole(row, _body(row)))


def _body(row: Event) -> dict[str, Any]:
    try:
        return queries.body(row)
    except StorageError:  # the row alone still tells when, where and how often
        return {}


def _content(row: queries.Attachment) -> bytes:
    try:
        return queries.content(row)
    except StorageError as error:
        raise not_there() from error


def _sha1(row: queries.Attachment) -> str:
    return hashlib.sha1(_content(row), usedforsecurity=False).hexdigest()

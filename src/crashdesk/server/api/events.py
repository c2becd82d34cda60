"""Events of issues and projects, with their files."""

import hashlib
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from crashdesk.errors import StorageError
from crashdesk.server.api import cursors, event_shapes, issues
from crashdesk.server.api.answers import answer, download, not_there, nothing, page
from crashdesk.server.api.authentication import Caller
from crashdesk.server.events import queries
from crashdesk.server.events.queries import Event
from crashdesk.server.feedback import queries as feedback
from crashdesk.server.issues import erasing
from crashdesk.server.issues import queries as issue_queries

HASHED_BYTES = 64 * 1024 * 1024  # of a larger file no SHA-1 is reckoned for a list


def of_issue(request: HttpRequest, caller: Caller, issue_id: str, org: str | None = None) -> HttpResponse:
    """List the events of an issue, newest first."""
    row = issues.found(caller, issue_id, org)
    before, limit = cursors.before(request), cursors.PAGE_SIZE + 1
    return _page(request, queries.events_of_issue(row.project_id, row.id, before=before, limit=limit))


def latest(request: HttpRequest, caller: Caller, issue_id: str, org: str | None = None) -> HttpResponse:
    """Give the newest event of an issue."""
    del request
    row = issues.found(caller, issue_id, org)
    return _whole(queries.latest_event(row.project_id, row.id))


def oldest(request: HttpRequest, caller: Caller, issue_id: str, org: str | None = None) -> HttpResponse:
    """Give the oldest event of an issue that is kept."""
    del request
    row = issues.found(caller, issue_id, org)
    return _whole(queries.oldest_event(row.project_id, row.id))


def of_project(request: HttpRequest, caller: Caller, org: str, name: str) -> HttpResponse:
    """List the events of a project, newest first."""
    project = caller.project(org, name)
    before, limit = cursors.before(request), cursors.PAGE_SIZE + 1
    return _page(request, queries.events_of_project(project.id, before=before, limit=limit))


def one(request: HttpRequest, caller: Caller, org: str, name: str, event_id: str) -> HttpResponse:
    """Give one event with all it holds."""
    del request
    return _whole(queries.event([caller.project(org, name).id], event_id))


def of_issue_by_id(
    request: HttpRequest, caller: Caller, issue_id: str, event_id: str, org: str | None = None
) -> HttpResponse:
    """Give one event of an issue with all it holds."""
    del request
    row = issues.found(caller, issue_id, org)
    event = queries.event([row.project_id], event_id)
    return _whole(event if event is not None and event.issue_id == row.id else None)


def place_of(request: HttpRequest, caller: Caller, org: str, event_id: str) -> HttpResponse:
    """Find the event with this id in the projects of the organisation."""
    del request
    row = queries.event([project.id for project in caller.projects_below(org)], event_id)
    if row is None:
        raise not_there()
    project = caller.projects[row.project_id]
    place: event_shapes.EventPlace = {
        "organizationSlug": project.organisation.slug,
        "projectSlug": project.slug,
        "groupId": str(row.issue_id),
        "eventId": row.event_id.hex,
        "event": event_shapes.listed(row, _body(row), _titles([row]).get(row.issue_id, "")),
    }
    return answer(place)


def attachments(request: HttpRequest, caller: Caller, org: str, name: str, event_id: str) -> HttpResponse:
    """List the files of an event or of a piece of feedback."""
    del request
    found = queries.attachments_of(*_owner(caller, org, name, event_id))
    return answer([event_shapes.attachment(row, _sha1(row)) for row in found])


def attachment(
    request: HttpRequest, caller: Caller, org: str, name: str, event_id: str, file_id: str
) -> HttpResponseBase:
    """Give a file's facts, or with ``?download=1`` its bytes."""
    row = _file(caller, org, name, event_id, file_id)
    if "download" not in request.GET:
        return answer(event_shapes.attachment(row, _sha1(row)))
    return download(lambda: queries.content_pieces(row), row.size_bytes)


def delete_attachment(
    request: HttpRequest, caller: Caller, org: str, name: str, event_id: str, file_id: str
) -> HttpResponse:
    """Delete a file of an event for good."""
    del request
    erasing.erase_attachment(_file(caller, org, name, event_id, file_id))
    return nothing()


def _file(caller: Caller, org: str, name: str, event_id: str, file_id: str) -> queries.Attachment:
    files = queries.attachments_of(*_owner(caller, org, name, event_id))
    row = next((found for found in files if str(found.id) == file_id), None)
    if row is None:
        raise not_there()
    return row


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
    bodies = [(row, _body(row)) for row in rows[: cursors.PAGE_SIZE]]
    titles = _titles([row for row, body in bodies if not body])
    shown = [event_shapes.listed(row, body, titles.get(row.issue_id, "")) for row, body in bodies]
    return page(request, shown, cursors.after_rows(rows))


def _whole(row: Event | None) -> HttpResponse:
    if row is None:
        raise not_there()
    body = _body(row)
    return answer(event_shapes.whole(row, body, "" if body else _titles([row]).get(row.issue_id, "")))


def _titles(rows: list[Event]) -> dict[int, str]:
    """Return the titles of the issues of these events, all of one project."""
    return issue_queries.titles_of(rows[0].project_id, {row.issue_id for row in rows}) if rows else {}


def _body(row: Event) -> dict[str, Any]:
    try:
        return queries.body(row)
    except StorageError:  # the row alone still tells when, where and how often
        return {}


def _sha1(row: queries.Attachment) -> str | None:
    """Return the SHA-1 that Sentry's clients compare; None for a file that is lost or large."""
    if row.size_bytes > HASHED_BYTES:
        return None
    digest = hashlib.sha1(usedforsecurity=False)
    try:
        for piece in queries.content_pieces(row):
            digest.update(piece)
    except StorageError:
        return None
    return digest.hexdigest()

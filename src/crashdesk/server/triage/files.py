"""Bytes of reports as downloads: never shown by the browser, never named by the report's own words in a header."""

import re

import orjson
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from crashdesk.errors import StorageError
from crashdesk.server.events import queries as events
from crashdesk.server.issues.names import ShortId
from crashdesk.server.triage import access, looking_up

_SANDBOX = "default-src 'none'; sandbox; frame-ancestors 'none'"
_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")


def download(content: bytes, name: str, content_type: str = "application/octet-stream") -> HttpResponse:
    """Return `content` as a file to save; what it is called is made of harmless characters only."""
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{harmless_name(name)}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = _SANDBOX
    return response


def harmless_name(name: str) -> str:
    """Return a file name that no system takes for a path, a device or a hidden file."""
    return _UNFIT.sub("_", name[-120:]).strip("._-") or "file"


@require_safe
def attachment(request: HttpRequest, slug: str, attachment_id: int) -> HttpResponse:
    """Give the bytes of a file that came with a report."""
    project = access.project(request, slug)
    found = events.attachment([project.id], attachment_id)
    if found is None:
        raise Http404
    try:
        return download(events.content(found), found.name)
    except StorageError as error:
        raise Http404 from error


@require_safe
def event_json(request: HttpRequest, name: ShortId, event_id: str) -> HttpResponse:
    """Give an event as it was processed."""
    _, found = looking_up.event(request, name, event_id)
    try:
        body = events.body(found)
    except StorageError as error:
        raise Http404 from error
    return download(orjson.dumps(body, option=orjson.OPT_INDENT_2), f"{found.event_id.hex}.json", "application/json")


@require_safe
def failed_report(request: HttpRequest, slug: str, report_id: int) -> HttpResponse:
    """Give a report that could not be processed, as it came."""
    project = access.project(request, slug)
    found = events.failed_report([project.id], report_id)
    if found is None:
        raise Http404
    try:
        return download(events.raw_bytes(found), f"report-{found.id}.envelope")
    except StorageError as error:
        raise Http404 from error

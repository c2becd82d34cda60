"""What was uploaded: debug files and bundles, to list, download and delete."""

from typing import TypeVar

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from crashdesk.server.api import cursors, symbol_shapes
from crashdesk.server.api.answers import answer, download, not_there, nothing, page
from crashdesk.server.api.authentication import Caller
from crashdesk.server.api.issues import as_number
from crashdesk.server.symbols import queries, services
from crashdesk.server.symbols.queries import ArtifactBundle, DebugFile

Row = TypeVar("Row", ArtifactBundle, DebugFile)


def debug_files(request: HttpRequest, caller: Caller, org: str, name: str) -> HttpResponseBase:
    """List the debug files of a project, newest first; ``id=`` gives the bytes of one."""
    project = caller.project(org, name)
    if "id" in request.GET:
        return _bytes(_debug_file(project.id, request))
    rows = queries.debug_files(
        project.id,
        text=request.GET.get("query", "").replace("\x00", ""),
        debug_id=request.GET.get("debug_id", ""),
        before=cursors.before(request),
        limit=cursors.PAGE_SIZE + 1,
    )
    shown = [symbol_shapes.debug_file(row) for row in rows[: cursors.PAGE_SIZE]]
    return page(request, shown, cursors.after_rows(rows))


def delete_debug_file(request: HttpRequest, caller: Caller, org: str, name: str) -> HttpResponse:
    """Delete the debug file that ``id=`` names, with its bytes."""
    services.delete_debug_file(_debug_file(caller.project(org, name).id, request))
    return nothing()


def bundles(request: HttpRequest, caller: Caller, org: str, name: str) -> HttpResponse:
    """List the bundles of a project, newest first."""
    project = caller.project(org, name)
    rows = queries.bundles(project.id, before=cursors.before(request), limit=cursors.PAGE_SIZE + 1)
    return page(request, [symbol_shapes.bundle(row) for row in rows[: cursors.PAGE_SIZE]], cursors.after_rows(rows))


def bundle(request: HttpRequest, caller: Caller, org: str, name: str, file_id: str) -> HttpResponseBase:
    """Give a bundle's facts, or with ``?download=1`` its bytes."""
    row = _bundle(caller, org, name, file_id)
    return _bytes(row) if "download" in request.GET else answer(symbol_shapes.bundle(row))


def bundled_files(request: HttpRequest, caller: Caller, org: str, name: str, file_id: str) -> HttpResponse:
    """List the files of a bundle in the order of its manifest."""
    row = _bundle(caller, org, name, file_id)
    offset = cursors.offset(request)
    rows = queries.files_of(row, offset=offset, limit=cursors.PAGE_SIZE + 1)
    shown = [symbol_shapes.bundled_file(entry) for entry in rows[: cursors.PAGE_SIZE]]
    return page(request, shown, cursors.after_offset(offset, len(rows)))


def delete_bundle(request: HttpRequest, caller: Caller, org: str, name: str, file_id: str) -> HttpResponse:
    """Delete a bundle with its bytes."""
    del request
    services.delete_bundle(_bundle(caller, org, name, file_id))
    return nothing()


def _debug_file(project_id: int, request: HttpRequest) -> DebugFile:
    return _there(queries.debug_file(project_id, _number(request.GET.get("id", ""))))


def _bundle(caller: Caller, org: str, name: str, file_id: str) -> ArtifactBundle:
    return _there(queries.bundle(caller.project(org, name).id, _number(file_id)))


def _number(row_id: str) -> int:
    return as_number(row_id) or 0


def _there(row: Row | None) -> Row:
    if row is None:
        raise not_there()
    return row


def _bytes(row: DebugFile | ArtifactBundle) -> HttpResponseBase:
    return download(lambda: queries.content(row), row.size_bytes)

"""What is kept as it came: reports that could not be processed, and items that a project chose to keep."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from crashdesk.server.api import cursors, figure_shapes
from crashdesk.server.api.answers import answer, download, not_there, page
from crashdesk.server.api.authentication import Caller
from crashdesk.server.api.issues import as_number
from crashdesk.server.events import queries


def failed(request: HttpRequest, caller: Caller, org: str, name: str) -> HttpResponse:
    """List reports that could not be processed, newest first."""
    project = caller.project(org, name)
    before, limit = cursors.before(request), cursors.PAGE_SIZE + 1
    rows = queries.failed_reports([project.id], before=before, limit=limit)
    return page(request, [figure_shapes.failed(row) for row in rows[: cursors.PAGE_SIZE]], cursors.after_rows(rows))


def items(request: HttpRequest, caller: Caller, org: str, name: str) -> HttpResponse:
    """List items of kinds that nothing here reads, which the project keeps, newest first."""
    project = caller.project(org, name)
    before, limit = cursors.before(request), cursors.PAGE_SIZE + 1
    rows = queries.kept_items([project.id], before=before, limit=limit)
    return page(request, [figure_shapes.kept(row) for row in rows[: cursors.PAGE_SIZE]], cursors.after_rows(rows))


def item(request: HttpRequest, caller: Caller, org: str, name: str, item_id: str) -> HttpResponseBase:
    """Give a kept item's facts, or with ``?download=1`` its bytes."""
    project = caller.project(org, name)
    number = as_number(item_id)
    row = queries.kept_item([project.id], number) if number is not None else None
    if row is None:
        raise not_there()
    if "download" not in request.GET:
        return answer(figure_shapes.kept(row))
    return download(lambda: queries.kept_pieces(row), row.size_bytes)

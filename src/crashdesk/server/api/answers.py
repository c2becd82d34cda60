"""JSON answers: bodies, errors as ``{"detail": ...}``, times with Z, and the Link header by which clients page."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import chain
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from crashdesk.errors import StorageError

FIRST_CURSOR = "0:0:1"


class Refusal(Exception):  # noqa: N818 - it is an answer, not a fault
    """A call that is answered with an error: its status and one sentence."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers: dict[str, str] = {}


def answer(content: Any, status: int = 200) -> HttpResponse:
    """Return `content` as JSON; scripts get no page and no cookie."""
    response = HttpResponse(orjson.dumps(content), status=status, content_type="application/json")
    response["Cache-Control"] = "private, no-store"
    return response


def refusal(status: int, detail: str) -> HttpResponse:
    response = answer({"detail": detail}, status)
    if status == 401:
        response["WWW-Authenticate"] = "Bearer"
    return response


def not_there() -> Refusal:
    """Return the answer for what does not exist and for what this token may not see: both look the same."""
    return Refusal(404, "The requested resource does not exist")


def nothing(status: int = 204) -> HttpResponse:
    """Return an empty answer."""
    response = HttpResponse(status=status)
    response["Cache-Control"] = "private, no-store"
    return response


def download(read: Callable[[], Iterator[bytes]], size: int) -> StreamingHttpResponse:
    """Return a file that no browser opens; its name is for the caller to choose, not for the report.

    Raises Refusal (404) when its bytes are lost: the first of them are read before the answer begins.
    """
    try:
        pieces = read()
        first = next(pieces, b"")
    except StorageError as error:
        raise not_there() from error
    response = StreamingHttpResponse(chain([first], pieces), content_type="application/octet-stream")
    response["Content-Length"] = str(size)
    response["Content-Disposition"] = "attachment"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox; frame-ancestors 'none'"
    response["Cache-Control"] = "private, no-store"
    return response


def page(request: HttpRequest, content: list[Any], next_cursor: str) -> HttpResponse:
    """Return one page of a list with the addresses of its neighbours."""
    response = answer(content)
    response["Link"] = ", ".join(
        (
            _link(request, "previous", FIRST_CURSOR, has_results=False),
            _link(request, "next", next_cursor or "0:0:0", has_results=bool(next_cursor)),
        )
    )
    return response


def _link(request: HttpRequest, relation: str, cursor: str, *, has_results: bool) -> str:
    query = request.GET.copy()
    query["cursor"] = cursor
    address = request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
    results = "true" if has_results else "false"
    return f'<{address}>; rel="{relation}"; results="{results}"; cursor="{cursor}"'


def time(moment: datetime) -> str:
    """Return a moment the way the API writes it: RFC 3339, UTC, with Z."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def time_or_null(moment: datetime | None) -> str | None:
    return None if moment is None else time(moment)

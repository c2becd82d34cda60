"""Paging by row ids: a cursor is the last id of a page; what is no number counts as none."""

from collections.abc import Sequence
from typing import Protocol

from django.http import HttpRequest

SIZE = 50
_MOST = 2**63 - 1


class _Row(Protocol):
    id: int


def before(request: HttpRequest) -> int | None:
    """Return the id before which the asked page begins."""
    cursor = request.GET.get("cursor", "")
    return min(int(cursor), _MOST) if cursor.isascii() and cursor.isdigit() and len(cursor) < 20 else None


def next_cursor(rows: Sequence[_Row], size: int = SIZE) -> str:
    """Return the cursor of the next page, if `rows` hold one more than `size`."""
    return str(rows[size - 1].id) if len(rows) > size else ""

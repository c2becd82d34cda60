"""Cursors as clients see them: ``0:<where to go on>:0``; an empty one and Sentry's first ones begin at the top."""

from collections.abc import Sequence
from typing import Protocol

from django.http import HttpRequest

from crashdesk.server.api.answers import Refusal

PAGE_SIZE = 100
MOST_OFFSET = 1_000_000
_MOST = 2**63


class _Row(Protocol):
    id: int


def asked(request: HttpRequest) -> str:
    """Return where the asked page begins; empty for the first one."""
    parts = request.GET.get("cursor", "").split(":")
    if len(parts) == 1 and not parts[0]:
        return ""
    if len(parts) != 3:
        raise _unreadable()
    return "" if parts[1] in {"", "0"} else parts[1]


def before(request: HttpRequest) -> int | None:
    """Return the row id before which the asked page begins."""
    place = asked(request)
    if not place:
        return None
    if not (place.isascii() and place.isdigit() and int(place[:20]) < _MOST):
        raise _unreadable()
    return int(place)


def offset(request: HttpRequest) -> int:
    """Return how many rows come before the asked page, in lists whose order no row id tells."""
    place = before(request)
    return min(place or 0, MOST_OFFSET)


def after_offset(start: int, found: int) -> str:
    """Return the cursor of the next page, if `found` rows are more than one page."""
    return after(str(start + PAGE_SIZE)) if found > PAGE_SIZE else ""


def limit(request: HttpRequest) -> int:
    """Return how many rows the page may have."""
    asked_for = request.GET.get("limit", "")
    is_number = asked_for.isascii() and asked_for.isdigit() and len(asked_for) < 5
    return min(max(int(asked_for), 1), PAGE_SIZE) if is_number else PAGE_SIZE


def after(place: str) -> str:
    """Return the cursor of the page that goes on at `place`; empty when there is none."""
    return f"0:{place}:0" if place else ""


def after_rows(rows: Sequence[_Row]) -> str:
    """Return the cursor of the next page, if `rows` hold more than one page."""
    return after(str(rows[PAGE_SIZE - 1].id)) if len(rows) > PAGE_SIZE else ""


def _unreadable() -> Refusal:
    return Refusal(400, "This cursor belongs to no page of this list: begin again without one.")

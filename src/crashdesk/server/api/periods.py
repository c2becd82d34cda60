"""Stretches of time as calls name them: ``statsPeriod=24h``, ``start`` and ``end``, ``interval=1h``."""

import re
from datetime import UTC, datetime, timedelta

from django.http import HttpRequest

from crashdesk.server.api.answers import Refusal

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_LENGTH = re.compile(r"([0-9]{1,6})([smhdw])", re.ASCII)
LONGEST = timedelta(days=366 * 5)
FIRST_YEAR, LAST_YEAR = 1970, 9000  # so that steps of a series beyond an end are moments too


def length(text: str) -> timedelta:
    """Return how long ``24h`` is; raises Refusal (400) for anything that is no such length, none, or years of it."""
    found = _LENGTH.fullmatch(text)
    if found is None or not 0 < (seconds := int(found[1]) * _UNITS[found[2]]) <= LONGEST.total_seconds():
        raise Refusal(400, "A period is a number with s, m, h, d or w behind it, such as 24h; five years at most.")
    return timedelta(seconds=seconds)


def since(request: HttpRequest, now: datetime) -> datetime | None:
    """Return since when rows must have been seen; None when the call does not say."""
    asked = request.GET.get("statsPeriod", "")
    return now - length(asked) if asked else None


def stretch(request: HttpRequest, now: datetime, default: str = "24h") -> tuple[datetime, datetime]:
    """Return first and last moment of what is asked for: by ``start`` and ``end``, else by ``statsPeriod``."""
    start, end = request.GET.get("start", ""), request.GET.get("end", "")
    if not start and not end:
        return now - length(request.GET.get("statsPeriod", "") or default), now
    last = moment(end) if end else now
    first = moment(start) if start else last - length(default)
    if not timedelta() < last - first <= LONGEST:
        raise Refusal(400, "start must lie before end, five years at most.")
    return first, last


def moment(text: str) -> datetime:
    """Return the moment that `text` names; raises Refusal (400)."""
    try:
        found = datetime.fromisoformat(text)
        at = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Refusal(400, "A moment is written like 2026-03-02T12:30:00Z.") from error
    if not FIRST_YEAR <= at.year < LAST_YEAR:
        raise Refusal(400, f"A moment lies between the years {FIRST_YEAR} and {LAST_YEAR}.")
    return at

"""How moments are written: relative and short, and exact for who hovers."""

from datetime import UTC, datetime

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def exact(moment: datetime) -> str:
    """Return ``2026-03-01 12:00:05 UTC``."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def span(seconds: float) -> str:
    """Return a length of time in its largest fitting unit: ``4.2 s``, ``12 min``, ``3 h``, ``9 d``."""
    if seconds < 9.95:
        return f"{seconds:.1f} s".replace(".0 s", " s")
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * _MINUTE:
        return f"{seconds / _MINUTE:.0f} min"
    if seconds < 36 * _HOUR:
        return f"{seconds / _HOUR:.0f} h"
    return f"{seconds / _DAY:.0f} d"


def short(moment: datetime, now: datetime) -> str:
    """Return the age of `moment`: ``now``, ``12 min``, ``3 h``, ``9 d``, or the date when it is old."""
    seconds = (now - moment).total_seconds()
    if seconds < 10:
        return "now"
    if seconds < 60 * _DAY:
        return span(seconds)
    return f"{moment.astimezone(UTC):%Y-%m-%d}"


def before(moment: datetime | None, event: datetime | None) -> str:
    """Return how long `moment` lies before `event`: ``4.2 s before``; nothing when one of them is unknown."""
    if moment is None or event is None:
        return ""
    seconds = (event - moment).total_seconds()
    if abs(seconds) < 0.05:
        return "at once"
    return f"{span(seconds)} before" if seconds > 0 else f"{span(-seconds)} after"

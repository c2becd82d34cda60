"""Rate limits in both directions: the headers of an answer read and written, and what they mean for the next report.

Invalid values are ignored, every wait is capped. Waits are told in seconds from the answer on, so that only a clock for
intervals is needed; a date in Retry-After is measured against the Date of the same answer.
"""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

MAX_SECONDS = 24 * 3600.0
SECONDS_WITHOUT_WORD = 60.0  # after a 429 that does not say how long

_MAX_LIMITS = 50
_WORD = re.compile(r"[0-9A-Za-z_.\-]{1,60}")
_ALL = ""


@dataclass(frozen=True, slots=True)
class RateLimit:
    """For how long which categories are not wanted; no category means all of them."""

    seconds: float
    categories: tuple[str, ...] = ()
    scope: str = ""
    reason: str = ""


def parse_retry_after(text: str | None, now: datetime | None) -> float | None:
    """Return the seconds to wait that a Retry-After value names, at most a day; None for nonsense.

    `now` is what an HTTP date is measured against; without it a date is nonsense too.
    """
    if not text or len(text) > 100:
        return None
    seconds = _seconds(text)
    if seconds is None and now is not None:
        at = _http_date(text)
        seconds = None if at is None else max(0.0, (at - now).total_seconds())
    return None if seconds is None else min(seconds, MAX_SECONDS)


def parse_rate_limits(text: str | None) -> list[RateLimit]:
    """Read an X-Sentry-Rate-Limits value; entries that are not readable are left out."""
    entries = (text or "")[:10_000].split(",")[:_MAX_LIMITS]
    return [limit for limit in map(_rate_limit, entries) if limit is not None]


def format_rate_limits(limits: Iterable[RateLimit]) -> str:
    """Write an X-Sentry-Rate-Limits value; parts of a second count as a whole one."""
    return ", ".join(_written(limit) for limit in limits)


@dataclass(slots=True)
class RateLimits:
    """What a server does not want for now; `now` is always seconds on a clock that no correction moves."""

    _until: dict[str, float] = field(default_factory=dict)

    def update(self, headers: Mapping[str, str], status: int, now: float) -> None:
        """Take in an answer: named categories, else Retry-After of a 429 or 503, else a minute after a bare 429."""
        lowered = {name.lower(): value for name, value in headers.items()}
        limits = parse_rate_limits(lowered.get("x-sentry-rate-limits"))
        if not limits and status in {429, 503}:
            seconds = parse_retry_after(lowered.get("retry-after"), _http_date(lowered.get("date", "")))
            if seconds is None and status == 429:
                seconds = SECONDS_WITHOUT_WORD
            limits = [] if seconds is None else [RateLimit(seconds)]
        for limit in limits:
            for category in limit.categories or (_ALL,):
                self._until[category] = max(self._until.get(category, now), now + limit.seconds)

    def blocked_seconds(self, category: str, now: float) -> float:
        """Return how long items of `category` are still not wanted; 0 when they are."""
        return max(0.0, *(self._until.get(name, now) - now for name in (category, _ALL)))


def _rate_limit(entry: str) -> RateLimit | None:
    seconds_text, *rest = entry.strip().split(":")
    seconds = _seconds(seconds_text)
    if seconds is None or not rest:
        return None
    categories = tuple(word for word in (part.strip() for part in rest[0].split(";")) if word)
    if not all(_WORD.fullmatch(word) for word in categories):
        return None
    scope, reason = (rest[place].strip() if len(rest) > place else "" for place in (1, 2))
    return RateLimit(min(seconds, MAX_SECONDS), categories, scope, reason)


def _written(limit: RateLimit) -> str:
    parts = [str(math.ceil(limit.seconds)), ";".join(limit.categories), limit.scope]
    return ":".join([*parts, limit.reason] if limit.reason else parts)


def _seconds(text: str) -> float | None:
    try:
        seconds = float(text.strip())
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def _http_date(text: str) -> datetime | None:
    from email.utils import parsedate_to_datetime  # a large import for a rare form

    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at

"""Brake for storms: of equal failures some are reported and the rest only counted."""

from collections.abc import Hashable
from dataclasses import dataclass, field

EQUAL_UNCAUGHT = 10
"""Reports of one uncaught failure in one run; the window asks about it once anyway."""

EQUAL_BY_HAND = 200
"""Reports in a burst for one place that the product captures by hand; refilled slowly."""

REFILL_SECONDS = 1.0
KEYS_KEPT = 1000


@dataclass(slots=True)
class _Bucket:
    left: float
    filled_at: float
    seen: int = 0


@dataclass(slots=True)
class StormGate:
    """Decides by key whether one more report is let through; a key names what makes failures equal."""

    burst: int
    refill_seconds: float | None = None
    _buckets: dict[Hashable, _Bucket] = field(default_factory=dict)

    def admit(self, key: Hashable, now: float) -> bool:
        """Count one failure and tell whether it may become a report; `now` is monotonic."""
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._begin(key, now)
        self._refill(bucket, now)
        bucket.seen += 1
        if bucket.left < 1:
            return False
        bucket.left -= 1
        return True

    def seen(self, key: Hashable) -> int:
        """How often this failure was seen in this run, reported or not."""
        bucket = self._buckets.get(key)
        return bucket.seen if bucket else 0

    def _begin(self, key: Hashable, now: float) -> _Bucket:
        if len(self._buckets) >= KEYS_KEPT:
            self._buckets.pop(next(iter(self._buckets)), None)
        return self._buckets.setdefault(key, _Bucket(float(self.burst), now))

    def _refill(self, bucket: _Bucket, now: float) -> None:
        if self.refill_seconds is None:
            return
        gained = (now - bucket.filled_at) / self.refill_seconds
        bucket.left = min(float(self.burst), bucket.left + max(0.0, gained))
        bucket.filled_at = now

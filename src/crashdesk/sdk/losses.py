"""What was given up on the way to the outbox, by reason and category; counted in memory, written now and then."""

from collections import Counter

from crashdesk.outbox.store import Drops

REPEATED = "repeated"
VETOED = "before_send"
NO_CONSENT = "consent"
NO_ROOM = "queue_overflow"


class Losses:
    """Counts, so that nothing is dropped without a reason; a write for each would let a storm be felt."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._counts: Counter[tuple[str, str]] = Counter()

    def add(self, reason: str, category: str = "error", quantity: int = 1) -> None:
        self._counts[reason, category] += quantity

    def take(self) -> list[Drops]:
        """Return what was counted since the last call."""
        counts, self._counts = self._counts, Counter()
        return [Drops(self._dsn, reason, category, quantity) for (reason, category), quantity in counts.items()]

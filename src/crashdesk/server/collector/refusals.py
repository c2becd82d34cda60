"""What the door refused, by hour and reason, until it stands in the intake: so that the account of a project knows it.

Counts are added by the event loop and taken by the thread that commits.
"""

import json
import threading
from collections import Counter
from collections.abc import Callable, Mapping

from crashdesk import clock
from crashdesk.protocol.outcomes import Outcome
from crashdesk.server.collector.admission import by_category
from crashdesk.server.intake.queue import NewIntake

ROUTE = "outcomes"
EVERY_SECONDS = 5.0
UNREAD = {"unknown": 1}  # a body that was refused before anything in it was counted

_RATE_LIMITED = frozenset({"key_rate", "project_quota", "spike", "storage_full"})


class Refusals:
    """The counts that no row of the intake tells yet."""

    def __init__(self, timestamp: Callable[[], float] = clock.timestamp) -> None:
        self._timestamp = timestamp
        self._lock = threading.Lock()
        self._counts: Counter[tuple[int, int, str, str, str]] = Counter()
        self._taken: Counter[tuple[int, int, str, str, str]] = Counter()
        self._due_at = 0.0

    def add(self, project_id: int, counts: Mapping[str, int], reason: str) -> None:
        """Count items by type that a project's sender was refused for `reason`."""
        hour = int(self._timestamp() // 3600) * 3600
        outcome = Outcome.RATE_LIMITED if reason in _RATE_LIMITED else Outcome.INVALID
        with self._lock:
            for category, quantity in by_category(counts or UNREAD).items():
                self._counts[(project_id, hour, category, outcome.value, reason)] += quantity

    def take(self, now: float, *, is_last: bool = False) -> NewIntake | None:
        """Return a row with all counts when one is due at `now`, monotonic seconds; ``done`` says what it became."""
        with self._lock:
            if not self._counts or (now < self._due_at and not is_last):
                return None
            self._taken, self._counts = self._counts, Counter()
            self._due_at = now + EVERY_SECONDS
        rows = [[*place, quantity] for place, quantity in self._taken.items()]
        return NewIntake(0, 0, self._timestamp(), None, "", ROUTE, "", json.dumps(rows).encode())

    def done(self, *, is_stored: bool) -> None:
        """Forget what was taken, or count it again when its row was not stored."""
        with self._lock:
            if not is_stored:
                self._counts += self._taken
            self._taken = Counter()

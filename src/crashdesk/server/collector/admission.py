"""Which categories of a report are over a limit at this moment: the counters that the decisions of limits.py need.

They are kept over a restart in a small file; each collector counts what comes to it.
"""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crashdesk import clock
from crashdesk.protocol.items import item_type
from crashdesk.protocol.rate_limits import RateLimit
from crashdesk.server.collector import limits
from crashdesk.server.collector.authentication import Key
from crashdesk.server.collector.limits import GROUP_OF, GROUPS, Bucket, Usual, Window

FILE = "admission.json"
KEY_RATE, PROJECT_QUOTA, SPIKE = "key_rate", "project_quota", "spike"

_Quotas = dict[tuple[int, str, int], Window]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The reason for each category that is over a limit, and what the sender is told about them."""

    reasons: Mapping[str, str]
    told: tuple[RateLimit, ...] = ()

    def covers(self, categories: Mapping[str, int]) -> bool:
        """Whether nothing is left of a report."""
        return bool(self.reasons) and self.reasons.keys() >= categories.keys()


FREE = Verdict({})


class Admission:
    """The counters by key and project; used by one thread."""

    def __init__(
        self, monotonic: Callable[[], float] = clock.monotonic, timestamp: Callable[[], float] = clock.timestamp
    ) -> None:
        self._monotonic = monotonic
        self._timestamp = timestamp
        self._of_keys: dict[tuple[int, str], Bucket] = {}
        self._of_projects: dict[int, Bucket] = {}
        self._usual: dict[int, Usual] = {}
        self._windows: _Quotas = {}

    def judge(self, key: Key, counts: Mapping[str, int]) -> Verdict:
        """Return what of a report with so many items by type is over a limit; what is not is counted as come."""
        categories = by_category(counts)
        told = [*self._by_key(key, categories), *self._by_spike(key, categories)]
        told += self._by_quotas(key, categories, {name for entry in told for name in entry.categories})
        if not told:
            return FREE
        reasons = {name: entry.reason for entry in reversed(told) for name in entry.categories if name in categories}
        if "error" in reasons and "attachment" in categories:
            reasons.setdefault("attachment", reasons["error"])  # a file goes with its event
        return Verdict(reasons, tuple(told))

    def _by_key(self, key: Key, categories: Mapping[str, int]) -> list[RateLimit]:
        now = self._monotonic()
        found = []
        for group in {GROUP_OF[name] for name in categories if name in GROUP_OF}:
            place, rate = (key.key_id, group), limits.key_rate(key.reports_per_minute, group)
            self._of_keys[place], wait = limits.take(self._of_keys.get(place), now, rate)
            if wait > 0:
                found.append(RateLimit(max(1.0, wait), GROUPS[group], "key", KEY_RATE))
        return found

    def _by_spike(self, key: Key, categories: Mapping[str, int]) -> list[RateLimit]:
        """Count every report, so that the usual is known, and limit where the project wants it."""
        if not any(GROUP_OF.get(name) == "reports" for name in categories):
            return []
        project = key.project_id
        usual = self._usual[project] = limits.counted(self._usual.get(project), self._timestamp())
        if not key.has_spike_protection:
            return []
        rate = limits.spike_rate(usual)
        self._of_projects[project], wait = limits.take(self._of_projects.get(project), self._monotonic(), rate)
        return [RateLimit(max(1.0, wait), GROUPS["reports"], "project", SPIKE)] if wait > 0 else []

    def _by_quotas(self, key: Key, categories: Mapping[str, int], gone: set[str]) -> list[RateLimit]:
        """Return the quotas that are used up, and use those that are not."""
        if not key.quotas:
            return []
        now, found = self._timestamp(), []
        used: _Quotas = {}
        for category, seconds, allowed in key.quotas:
            quantity, place = categories.get(category, 0), (key.project_id, category, seconds)
            if quantity and category not in gone:
                used[place], wait = limits.use(self._windows.get(place), quantity, (seconds, allowed), now)
                if wait > 0:
                    found.append(RateLimit(max(1.0, wait), (category,), "project", PROJECT_QUOTA))
        over = {name for entry in found for name in entry.categories}
        self._windows.update({place: window for place, window in used.items() if place[1] not in over})
        return found

    def keep(self, data: Path) -> None:
        """Leave the counters for the next start; without a sync, since a forgotten count harms nobody."""
        facts = {
            "windows": [[*place, window.number, window.used] for place, window in self._windows.items()],
            "usual": [[project, usual.hour, usual.count, usual.average] for project, usual in self._usual.items()],
        }
        temporary = data / f".{FILE}.new"
        with suppress(OSError):
            temporary.write_text(json.dumps(facts), "utf-8")
            temporary.replace(data / FILE)

    def remember(self, data: Path) -> None:
        """Take up the counters that an earlier start left; without them counting begins anew."""
        with suppress(OSError, ValueError, TypeError, LookupError):
            facts: dict[str, list[list[Any]]] = json.loads((data / FILE).read_text("utf-8"))
            windows = {(row[0], row[1], row[2]): Window(row[3], row[4]) for row in facts["windows"]}
            usual = {row[0]: Usual(row[1], row[2], row[3]) for row in facts["usual"]}
            self._windows, self._usual = windows, usual


def by_category(counts: Mapping[str, int]) -> dict[str, int]:
    """Return how many items there are of each category."""
    sums: dict[str, int] = {}
    for name, quantity in counts.items():
        category = item_type(name).category
        sums[category] = sums.get(category, 0) + quantity
    return sums

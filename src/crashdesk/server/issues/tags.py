"""What an issue's tags say: which values it comes with, and which of them are unusual for the project."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from crashdesk.server.issues.counting import ALL_VALUES
from crashdesk.server.issues.models import Issue, IssueTag, ProjectTag

MOST_VALUES = 10
MOST_ROWS = 2000
UNUSUAL_TIMES = 1.5  # times as frequent as in the whole project
UNUSUAL_POINTS = 0.15  # and by this much of all events
LEAST_COVERAGE = 0.5  # of the issue's events must have the tag: what few say is no share of all
_LEAST_SAYING = 3  # characters; "1" is part of nearly every value and says nothing of it


@dataclass(frozen=True, slots=True)
class TagValue:
    """One value of a tag: events with it, their share in the issue, and the share usual in the project."""

    value: str
    count: int
    share: float
    usual_share: float

    @property
    def is_unusual(self) -> bool:
        return self.share >= self.usual_share * UNUSUAL_TIMES and self.share - self.usual_share >= UNUSUAL_POINTS


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag of an issue: its most frequent values, how many values there are, how many events have it."""

    key: str
    values: list[TagValue]
    distinct: int
    count: int


@dataclass(frozen=True, slots=True)
class UnusualTag:
    """A value that is much more frequent in an issue than elsewhere."""

    key: str
    value: TagValue


def tags_of(issue: Issue) -> list[Tag]:
    """Return the issue's tags by key, each with its most frequent values and their usual share."""
    rows = IssueTag.objects.filter(project_id=issue.project_id, issue_id=issue.id).order_by("-count", "value")
    by_key: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for key, value, count in rows.values_list("key", "value", "count")[:MOST_ROWS]:
        by_key[key].append((value, count))
    usual = _usual_shares(issue.project_id, by_key)
    return [_tag(key, by_key[key], usual[key]) for key in sorted(by_key)]


def unusual(tags: Iterable[Tag], events: int, *, limit: int = 5) -> list[UnusualTag]:
    """Return the values that are most unusual in an issue of so many events, the widest difference first.

    What two tags say alike (``os.name`` Windows, ``os`` Windows 11) is said once, in its longer form.
    """
    telling = (tag for tag in tags if tag.count >= events * LEAST_COVERAGE)
    found = [UnusualTag(tag.key, value) for tag in telling for value in tag.values if value.is_unusual]
    found = [row for row in found if not any(_says_the_same(row, other) for other in found)]
    return sorted(found, key=lambda row: row.value.usual_share - row.value.share)[:limit]


def _says_the_same(row: UnusualTag, other: UnusualTag) -> bool:
    """Whether `other` says what `row` says and more: in as many events, with a longer text or the earlier key."""
    mine, theirs = row.value.value.casefold(), other.value.value.casefold()
    if row.value.count != other.value.count or len(mine) < _LEAST_SAYING or mine not in theirs:
        return False
    return len(mine) < len(theirs) or other.key < row.key


def _tag(key: str, values: list[tuple[str, int]], usual: dict[str, float]) -> Tag:
    total = sum(count for _, count in values)
    shown = [TagValue(value, count, count / total, usual.get(value, 0.0)) for value, count in values[:MOST_VALUES]]
    return Tag(key, shown, len(values), total)


def _usual_shares(project_id: int, by_key: dict[str, list[tuple[str, int]]]) -> dict[str, dict[str, float]]:
    """Return each value's share of all events of the project that have the tag."""
    shown = {value for values in by_key.values() for value, _ in values[:MOST_VALUES]}
    counted = ProjectTag.objects.filter(project_id=project_id, key__in=by_key, value__in={ALL_VALUES, *shown})
    counts = {(key, value): count for key, value, count in counted.values_list("key", "value", "count")}
    shares: dict[str, dict[str, float]] = {key: {} for key in by_key}
    for (key, value), count in counts.items():
        shares[key][value] = count / counts[key, ALL_VALUES]
    return shares

"""Counters of issues that rows of their own hold: users, tags and hours, moved for many occurrences at once."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from crashdesk.server.events.counters import add_counts, hour_of
from crashdesk.server.issues.models import IssueHour, IssueTag, IssueUser

MOST_VALUES = 500  # of one tag in one issue: what has a new value with every event tells nothing


@dataclass(frozen=True, slots=True)
class Occurrence:
    """What an issue must know of one event; `row_id` is the event's row, `fingerprint` a version and its key."""

    row_id: int
    fingerprint: tuple[int, str]
    kind: str
    level: str
    type: str
    value: str
    culprit: str
    happened_at: datetime
    release: str
    user_digest: str
    tags: tuple[tuple[str, str], ...]


Occurrences = Mapping[int, Sequence[Occurrence]]
TagRow = tuple[int, int, str, str]


def add_users(project_id: int, by_issue: Occurrences) -> Counter[int]:
    """Note who met which issue; return how many users each issue gained."""
    pairs = {
        (issue_id, found.user_digest) for issue_id, rows in by_issue.items() for found in rows if found.user_digest
    }
    known = IssueUser.objects.filter(
        project_id=project_id,
        issue_id__in={issue_id for issue_id, _ in pairs},
        user_digest__in={digest for _, digest in pairs},
    )
    missing = sorted(pairs - set(known.values_list("issue_id", "user_digest")))
    IssueUser.objects.bulk_create(
        [IssueUser(project_id=project_id, issue_id=issue_id, user_digest=digest) for issue_id, digest in missing]
    )
    return Counter(issue_id for issue_id, _ in missing)


def add_tags(project_id: int, by_issue: Occurrences) -> None:
    """Count the values of tags; new values of a tag that has very many of them are left out."""
    counts: Counter[TagRow] = Counter(
        (project_id, issue_id, key, value)
        for issue_id, rows in by_issue.items()
        for found in rows
        for key, value in found.tags
    )
    left_out = _beyond_the_limit(project_id, counts)
    kept = {row: count for row, count in counts.items() if row not in left_out}
    add_counts(IssueTag, ("project_id", "issue_id", "key", "value"), kept)


def add_hours(project_id: int, by_issue: Occurrences) -> None:
    """Count events by the hour in which they happened."""
    counts = Counter(
        (project_id, issue_id, hour_of(found.happened_at)) for issue_id, rows in by_issue.items() for found in rows
    )
    add_counts(IssueHour, ("project_id", "issue_id", "hour"), counts)


def _beyond_the_limit(project_id: int, counts: Mapping[TagRow, int]) -> set[TagRow]:
    """Return the rows that would be new values of a tag with MOST_VALUES values."""
    stored = IssueTag.objects.filter(project_id=project_id, issue_id__in={issue_id for _, issue_id, _, _ in counts})
    sizes = stored.values_list("issue_id", "key").annotate(size=Count("value")).filter(size__gte=MOST_VALUES)
    full = {(issue_id, key) for issue_id, key, _ in sizes}
    suspects = {row for row in counts if (row[1], row[2]) in full}
    if not suspects:
        return set()
    known = stored.filter(key__in={row[2] for row in suspects}, value__in={row[3] for row in suspects})
    return suspects - {(project_id, *row) for row in known.values_list("issue_id", "key", "value")}

"""Counters of issues that rows of their own hold, moved for many occurrences at once: users and tags.

The hours are in ``rollups``. Nothing here costs more when more is stored: what a batch brings is found by its key.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db.models import Count

from crashdesk.server.events import bulk
from crashdesk.server.events.counters import day_number
from crashdesk.server.issues.models import FullTag, IssueTag, IssueUser, ProjectTag

MOST_VALUES = 500  # of one tag in one issue: what has a new value with every event tells nothing
MOST_VALUES_OF_PROJECT = 1000
COUNTED_EVERY = 100  # events of an issue, after which its values are counted: so many may be too many
PROJECT_COUNTED_EVERY = 1000  # events of one issue, after which those of the project are
PROJECT = 0  # in the place of an issue
RELEASE = "release"  # the one tag of which the project keeps every value: lists look releases up in it
ALL_VALUES = ""  # in the place of a value: every event that has the tag


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
    environment: str = ""


Occurrences = Mapping[int, Sequence[Occurrence]]
Tag = tuple[int, str, str]  # issue, key, value


def add_users(project_id: int, by_issue: Occurrences, now: datetime) -> Counter[int]:
    """Note who met which issue and on which day; return how many users each issue gained."""
    today = day_number(now)
    pairs = {
        (issue_id, found.user_digest) for issue_id, rows in by_issue.items() for found in rows if found.user_digest
    }
    changed = bulk.insert_returning(
        IssueUser,
        ("project_id", "issue_id", "user_digest", "first_day", "last_day"),
        [(project_id, issue_id, digest, today, today) for issue_id, digest in sorted(pairs)],
        conflict="ON CONFLICT (project_id, issue_id, user_digest) DO UPDATE SET last_day = excluded.last_day"
        " WHERE issues_issueuser.last_day < excluded.last_day",
        returning=("issue_id", "first_day", "last_day"),
    )
    return Counter(issue_id for issue_id, first_day, last_day in changed if first_day == last_day)  # else it was known


def add_tags(project_id: int, by_issue: Occurrences) -> None:
    """Count the values of tags, of each issue and of the project; new values of a tag that is full are left out."""
    counts: Counter[Tag] = Counter(
        [(issue_id, *tag) for issue_id, rows in by_issue.items() for found in rows for tag in found.tags]
    )
    whole: Counter[Tag] = Counter()
    for (_, key, value), count in counts.items():
        whole[PROJECT, key, value] += count
        whole[PROJECT, key, ALL_VALUES] += count
    full = _full_tags(project_id, by_issue)
    _without(counts, _beyond(counts, full, partial(_known_of_issues, project_id)))
    _without(whole, _beyond(whole, full, partial(_known_of_project, project_id)))
    bulk.add_counts(
        IssueTag,
        ("project_id", "issue_id", "key", "value"),
        "count",
        {(project_id, *tag): count for tag, count in counts.items()},
    )
    bulk.add_counts(
        ProjectTag,
        ("project_id", "key", "value"),
        "count",
        {(project_id, key, value): count for (_, key, value), count in whole.items()},
    )


def note_full_tags(project_id: int, totals: Mapping[int, int], by_issue: Occurrences) -> None:
    """Count the values of tags now and then and note those that have enough; `totals` are the issues' events now."""
    due = [issue for issue, rows in by_issue.items() if _has_passed(totals[issue], len(rows), COUNTED_EVERY)]
    if not due:
        return
    found = IssueTag.objects.filter(project_id=project_id, issue_id__in=due).values_list("issue_id", "key")
    full = [(project_id, *row[:2]) for row in found.annotate(size=Count("value")).filter(size__gte=MOST_VALUES)]
    if any(_has_passed(totals[issue], len(by_issue[issue]), PROJECT_COUNTED_EVERY) for issue in due):
        everywhere = (
            ProjectTag.objects.filter(project_id=project_id)
            .exclude(key=RELEASE)
            .values_list("key")
            .annotate(size=Count("value"))
        )
        full += [(project_id, PROJECT, key) for key, _ in everywhere.filter(size__gt=MOST_VALUES_OF_PROJECT)]
    bulk.insert(FullTag, ("project_id", "issue_id", "key"), sorted(full), "ON CONFLICT DO NOTHING")


def _has_passed(total: int, gained: int, step: int) -> bool:
    return total // step > (total - gained) // step


def _full_tags(project_id: int, issue_ids: Collection[int]) -> set[tuple[int, str]]:
    found = bulk.read(FullTag, ("issue_id", "key"), {"project_id": project_id}, {"issue_id": [PROJECT, *issue_ids]})
    return {(issue_id, key) for issue_id, key in found}


def _beyond(counts: Iterable[Tag], full: set[tuple[int, str]], known: Callable[[set[Tag]], set[Tag]]) -> set[Tag]:
    """Return what would be a new value of a tag that is full; `known` tells which of some are stored."""
    suspects = {tag for tag in counts if tag[:2] in full} if full else set()
    return suspects - known(suspects) if suspects else suspects


def _known_of_issues(project_id: int, tags: set[Tag]) -> set[Tag]:
    found = IssueTag.objects.filter(
        project_id=project_id,
        issue_id__in={issue_id for issue_id, _, _ in tags},
        key__in={key for _, key, _ in tags},
        value__in={value for _, _, value in tags},
    )
    return set(found.values_list("issue_id", "key", "value"))


def _known_of_project(project_id: int, tags: set[Tag]) -> set[Tag]:
    found = ProjectTag.objects.filter(
        project_id=project_id, key__in={key for _, key, _ in tags}, value__in={value for _, _, value in tags}
    )
    return {(PROJECT, *row) for row in found.values_list("key", "value")}


def _without(counts: Counter[Tag], left_out: Iterable[Tag]) -> None:
    for tag in left_out:
        del counts[tag]

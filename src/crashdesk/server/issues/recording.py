"""From occurrences to issues: finds or creates the issue of each fingerprint and moves all its counters, in bulk.

Called by the processor inside the one transaction that also stores the events. One process records; people change
states beside it, which is why the rows are locked while they change.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from operator import itemgetter

from crashdesk.server.events import bulk
from crashdesk.server.events.ids import new_id
from crashdesk.server.issues.counting import Occurrence, add_tags, add_users, note_full_tags
from crashdesk.server.issues.models import GroupingKey, Issue
from crashdesk.server.issues.rollups import add_hours
from crashdesk.server.issues.services import note_change
from crashdesk.server.issues.states import REGRESSED, RESOLVED, UNRESOLVED
from crashdesk.server.projects.services import take_issue_numbers

__all__ = ["Occurrence", "record"]

TYPE_LIMIT, VALUE_LIMIT, CULPRIT_LIMIT = 200, 1000, 300
_MOVED = (
    "level",
    "state",
    "first_seen_at",
    "last_seen_at",
    "first_release",
    "last_release",
    "event_count",
    "user_count",
    "last_event_id",
    "resolved_at",
    "regressed_at",
)


def record(
    project_id: int, occurrences: Sequence[Occurrence], first_seen: Mapping[str, datetime], now: datetime
) -> list[int]:
    """Count `occurrences` of one project into issues and return the issue's id for each, in their order.

    `first_seen` says when each release among them was first seen: a resolved issue that a later one meets is opened.
    """
    issues = _issues_of(project_id, occurrences, now)
    by_issue: dict[int, list[Occurrence]] = defaultdict(list)
    for occurrence in occurrences:
        by_issue[issues[occurrence.fingerprint].id].append(occurrence)
    gained = add_users(project_id, by_issue, now)
    add_tags(project_id, by_issue)
    add_hours(project_id, by_issue, now)
    changed = {issue.id: issue for issue in issues.values()}
    for issue in changed.values():
        _update(issue, by_issue[issue.id], gained[issue.id])
        _open_when_regressed(issue, by_issue[issue.id], first_seen, now)
    _save(changed.values())
    note_full_tags(project_id, {issue.id: issue.event_count for issue in changed.values()}, by_issue)
    return [issues[occurrence.fingerprint].id for occurrence in occurrences]


def _save(issues: Iterable[Issue]) -> None:
    """Write what recording changes, in one statement; the rows are locked."""
    rows = [(*map(issue.__dict__.__getitem__, _MOVED), issue.project_id, issue.id) for issue in issues]
    bulk.update(Issue, ("project_id", "id"), _MOVED, sorted(rows, key=itemgetter(-1)))


def _issues_of(project_id: int, occurrences: Sequence[Occurrence], now: datetime) -> dict[tuple[int, str], Issue]:
    """Return the issue of each fingerprint, locked; those that are new are created."""
    wanted = {occurrence.fingerprint: occurrence for occurrence in reversed(occurrences)}  # the first stays
    versions = {version for version, _ in wanted}  # without them the key's index could not be used
    keys = {"version": versions, "key": [key for _, key in wanted]}
    found_keys = bulk.read(GroupingKey, ("version", "key", "issue_id"), {"project_id": project_id}, keys)
    issue_ids = {(version, key): id_ for version, key, id_ in found_keys}
    locked = Issue.objects.select_for_update().filter(project_id=project_id, id__in=set(issue_ids.values()))
    by_id = {issue.id: issue for issue in locked.only("project_id", "id", *_MOVED)}
    found = {key: by_id[issue_ids[key]] for key in wanted if issue_ids.get(key) in by_id}
    missing = [occurrence for key, occurrence in wanted.items() if key not in found]
    return found | _create(project_id, list(reversed(missing)), now)


def _create(project_id: int, firsts: Sequence[Occurrence], now: datetime) -> dict[tuple[int, str], Issue]:
    """Create an issue for the first occurrence of each new fingerprint, numbered in their order."""
    if not firsts:
        return {}
    number = take_issue_numbers(project_id, len(firsts))
    created = {
        first.fingerprint: _new_issue(project_id, first, number + place, now) for place, first in enumerate(firsts)
    }
    Issue.objects.bulk_create(created.values())
    GroupingKey.objects.bulk_create(
        [
            GroupingKey(project_id=project_id, version=version, key=key, issue_id=issue.id)
            for (version, key), issue in created.items()
        ],
        update_conflicts=True,  # a key whose issue was deleted leads to the new one
        update_fields=["issue_id"],
        unique_fields=["project_id", "version", "key"],
    )
    return created


def _new_issue(project_id: int, first: Occurrence, number: int, now: datetime) -> Issue:
    return Issue(
        project_id=project_id,
        id=new_id(now),
        number=number,
        kind=first.kind,
        level=first.level,
        type=first.type[:TYPE_LIMIT],
        value=first.value[:VALUE_LIMIT],
        culprit=first.culprit[:CULPRIT_LIMIT],
        first_seen_at=first.happened_at,
        last_seen_at=first.happened_at,
        first_release=first.release,
        last_release=first.release,
        last_event_id=first.row_id,
    )


def _update(issue: Issue, occurrences: Sequence[Occurrence], gained_users: int) -> None:
    """Move the counters and the two ends of an issue; the events came in this order."""
    issue.event_count += len(occurrences)
    issue.user_count += gained_users
    latest = occurrences[-1]
    issue.level, issue.last_event_id = latest.level, latest.row_id
    issue.first_seen_at = min(issue.first_seen_at, *(found.happened_at for found in occurrences))
    issue.last_seen_at = max(issue.last_seen_at, *(found.happened_at for found in occurrences))
    releases = [found.release for found in occurrences if found.release]
    issue.first_release = issue.first_release or (releases[0] if releases else "")
    issue.last_release = releases[-1] if releases else issue.last_release


def _open_when_regressed(
    issue: Issue, occurrences: Iterable[Occurrence], first_seen: Mapping[str, datetime], now: datetime
) -> None:
    """Open a resolved issue again when a release met it that did not exist at the time it was resolved.

    Without a release only time can tell: what happened after the issue was resolved counts as later.
    """
    resolved_at = issue.resolved_at
    if issue.state != RESOLVED or resolved_at is None:
        return
    for found in occurrences:
        if first_seen.get(found.release, found.happened_at) > resolved_at:
            issue.state, issue.resolved_at, issue.regressed_at = UNRESOLVED, None, now
            note_change(issue, REGRESSED, RESOLVED, found.release, by=None, now=now)
            return

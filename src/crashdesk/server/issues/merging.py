"""Merges issues: what belonged to the children belongs to the parent, counters exactly, in one transaction.

A child's row goes; what it was stays in MergedIssue, so that it can be split off again by its grouping keys.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import connection, models, transaction

from crashdesk.errors import UsageError
from crashdesk.server.events import services as events
from crashdesk.server.events.locks import lock_projects
from crashdesk.server.feedback import services as feedback
from crashdesk.server.issues.models import (
    FullTag,
    GroupingKey,
    Issue,
    IssueChange,
    IssueHour,
    IssueTag,
    IssueUser,
    MergedIssue,
)
from crashdesk.server.issues.services import note_change

if TYPE_CHECKING:
    from crashdesk.server.accounts.models import User

MOST_AT_ONCE = 100
_FACTS = (
    "kind", "level", "type", "value", "culprit", "state", "assignee_id", "first_release", "last_release",
    "event_count", "user_count", "feedback_count", "last_event_id",
)  # fmt: skip
_MOMENTS = ("first_seen_at", "last_seen_at", "resolved_at", "regressed_at")


@dataclass(frozen=True, slots=True)
class Moved:
    """A table of facts about issues: its key beside project and issue, and how two rows with one key become one."""

    model: type[models.Model]
    key: tuple[str, ...]
    summed: tuple[str, ...] = ()
    least: tuple[str, ...] = ()
    greatest: tuple[str, ...] = ()


MOVED: tuple[Moved, ...] = (
    Moved(IssueHour, ("hour", "origin_id"), summed=("count",)),
    Moved(IssueTag, ("key", "value"), summed=("count",)),
    Moved(IssueUser, ("user_digest",), least=("first_day",), greatest=("last_day",)),
    Moved(FullTag, ("key",)),
)


def merge(project_id: int, issue_ids: Sequence[int], *, by: "User | None", now: datetime) -> tuple[int, list[int]]:
    """Merge issues of one project into the one with most events; return its id and those of the others.

    Raises UsageError when there are not at least two of them.
    """
    if not 2 <= len(set(issue_ids)) <= MOST_AT_ONCE:
        raise UsageError(f"Name two to {MOST_AT_ONCE} issues of one project to merge.")
    with transaction.atomic():
        lock_projects([project_id])
        found = list(Issue.objects.select_for_update().filter(project_id=project_id, id__in=issue_ids).order_by("id"))
        if len(found) < 2:
            raise UsageError("Some of these issues are not there any more: load the list again.")
        found.sort(key=lambda issue: (-issue.event_count, issue.id))
        parent, children = found[0], found[1:]
        for child in children:
            _take_in(parent, child, by, now)
        parent.user_count = IssueUser.objects.filter(project_id=project_id, issue_id=parent.id).count()
        parent.save(force_update=True)
        for child in children:
            note_change(parent, "merged", f"#{child.number}", f"#{parent.number}", by=by, now=now)
    return parent.id, [child.id for child in children]


def _take_in(parent: Issue, child: Issue, by: "User | None", now: datetime) -> None:
    project_id = parent.project_id
    _remember(parent, child, by, now)
    for table in (GroupingKey, IssueChange):
        table.objects.filter(project_id=project_id, issue_id=child.id).update(issue_id=parent.id)
    events.move_events(project_id, child.id, parent.id)
    feedback.move_feedback(project_id, child.id, parent.id)
    for moved in MOVED:
        _add_up(moved, project_id, child.id, parent.id)
    _join(parent, child)
    Issue.objects.filter(project_id=project_id, id=child.id).delete()


def _remember(parent: Issue, child: Issue, by: "User | None", now: datetime) -> None:
    """Keep what the child was; what had been merged into it belongs to the parent from now on."""
    keys = GroupingKey.objects.filter(project_id=child.project_id, issue_id=child.id).order_by("version", "key")
    MergedIssue.objects.filter(project_id=child.project_id, parent_id=child.id).update(parent_id=parent.id)
    MergedIssue.objects.create(
        project_id=child.project_id,
        child_id=child.id,
        parent_id=parent.id,
        child_number=child.number,
        merged_at=now,
        user=by,
        keys=[list(pair) for pair in keys.values_list("version", "key")],
        facts=_facts_of(child),
    )


def _facts_of(child: Issue) -> dict[str, Any]:
    moments = {name: getattr(child, name) for name in _MOMENTS}
    told = {name: moment.isoformat() if moment else None for name, moment in moments.items()}
    return {name: getattr(child, name) for name in _FACTS} | told


def _join(parent: Issue, child: Issue) -> None:
    """Move counters and ends of the child to the parent; what the newest event says stands."""
    if child.first_seen_at < parent.first_seen_at:
        parent.first_seen_at, parent.first_release = child.first_seen_at, child.first_release or parent.first_release
    if child.last_event_id > parent.last_event_id:
        parent.last_event_id, parent.level = child.last_event_id, child.level
        parent.last_release = child.last_release or parent.last_release
    parent.last_seen_at = max(parent.last_seen_at, child.last_seen_at)
    parent.event_count += child.event_count
    parent.feedback_count += child.feedback_count


def _add_up(moved: Moved, project_id: int, child_id: int, parent_id: int) -> None:
    """Add the child's rows of one table to the parent's, inside the database, however many they are."""
    quote = connection.ops.quote_name
    table = quote(moved.model._meta.db_table)  # noqa: SLF001 - Django's documented way to a table's name
    key = [quote(name) for name in moved.key]
    values = [quote(name) for name in (*moved.summed, *moved.least, *moved.greatest)]
    changes = [f"{quote(name)} = {table}.{quote(name)} + excluded.{quote(name)}" for name in moved.summed]
    changes += [_chosen(table, quote(name), "<") for name in moved.least]
    changes += [_chosen(table, quote(name), ">") for name in moved.greatest]
    then = f"UPDATE SET {', '.join(changes)}" if changes else "NOTHING"
    columns = ", ".join([*key, *values])
    statement = (
        f"INSERT INTO {table} (project_id, issue_id, {columns}) "  # noqa: S608 - names of our own tables only
        f"SELECT project_id, %s, {columns} FROM {table} WHERE project_id = %s AND issue_id = %s "
        f"ON CONFLICT (project_id, issue_id, {', '.join(key)}) DO {then}"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, (parent_id, project_id, child_id))
    moved.model._default_manager.filter(project_id=project_id, issue_id=child_id).delete()  # noqa: SLF001 - documented


def _chosen(table: str, name: str, sign: str) -> str:
    """Return the assignment of the smaller or larger of both values."""
    return f"{name} = CASE WHEN excluded.{name} {sign} {table}.{name} THEN excluded.{name} ELSE {table}.{name} END"

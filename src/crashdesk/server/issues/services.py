"""Every write of issues by people: state and assignee, each with a line in the issue's history."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from crashdesk.errors import UsageError
from crashdesk.server.events.ids import new_id
from crashdesk.server.issues.models import Issue, IssueChange
from crashdesk.server.issues.states import RESOLVED, STATES, may_change

if TYPE_CHECKING:
    from crashdesk.server.accounts.models import User


def set_state(issue: Issue, state: str, *, by: "User | None", now: datetime) -> bool:
    """Resolve, ignore or reopen an issue; return whether that changed anything.

    Raises UsageError for a state that does not exist or cannot follow the present one.
    """
    if state not in STATES:
        raise UsageError(f"{state!r} is no state of an issue: use one of {', '.join(STATES)}.")
    with transaction.atomic():
        found = _locked(issue)
        before = found.state
        if before == state:
            return False
        if not may_change(before, state):
            raise UsageError(f"An issue that is {before} cannot become {state}.")
        found.state = issue.state = state
        found.resolved_at = issue.resolved_at = now if state == RESOLVED else None
        found.regressed_at = issue.regressed_at = None
        found.save(update_fields=["state", "resolved_at", "regressed_at"])
        note_change(found, "state", before, state, by=by, now=now)
    return True


def assign(issue: Issue, to: "User | None", *, by: "User | None", now: datetime) -> bool:
    """Give an issue to a person, or to nobody; return whether that changed anything."""
    with transaction.atomic():
        found = Issue.objects.select_related("assignee").get(project_id=issue.project_id, id=issue.id)
        before = found.assignee
        if before == to:
            return False
        found.assignee = issue.assignee = to
        found.save(update_fields=["assignee"])
        note_change(found, "assignee", before.email if before else "", to.email if to else "", by=by, now=now)
    return True


def note_change(issue: Issue, what: str, before: str, after: str, *, by: "User | None", now: datetime) -> None:
    """Add a line to an issue's history."""
    IssueChange.objects.create(
        project_id=issue.project_id,
        id=new_id(now),
        issue_id=issue.id,
        at=now,
        user=by,
        what=what,
        before=before[:200],
        after=after[:200],
    )


def _locked(issue: Issue) -> Issue:
    return Issue.objects.select_for_update().get(project_id=issue.project_id, id=issue.id)

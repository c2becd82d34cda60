"""Every write of issues by people: state and assignee, each with a line in the issue's history, and added words."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from crashdesk.errors import UsageError
from crashdesk.protocol.feedback import Feedback as Words
from crashdesk.server.events import queries as event_queries
from crashdesk.server.events.ids import new_id
from crashdesk.server.feedback import queries as feedback_queries
from crashdesk.server.feedback import services as feedback
from crashdesk.server.feedback.queries import Feedback
from crashdesk.server.issues.models import Issue, IssueChange
from crashdesk.server.issues.states import RESOLVED, STATES, may_change

if TYPE_CHECKING:
    from crashdesk.server.accounts.models import User


def set_state(issue: Issue, state: str, *, by: "User | None", now: datetime) -> bool:
    """Resolve, ignore or reopen an issue; return whether that changed anything.

    Raises UsageError for a state that does not exist or cannot follow the present one, and when the issue is gone.
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
    """Give an issue to a person, or to nobody; return whether that changed anything.

    Raises UsageError when the issue is gone.
    """
    with transaction.atomic():
        found = _locked(issue)
        before = found.assignee
        if before == to:
            return False
        found.assignee = issue.assignee = to
        found.save(update_fields=["assignee"])
        note_change(found, "assignee", before.email if before else "", to.email if to else "", by=by, now=now)
    return True


def add_words(project_id: int, words: Words, now: datetime) -> Feedback:
    """Store words that came by the API and link them to the issue of their event; the same words twice are one."""
    with transaction.atomic():
        row = feedback.row_of(project_id, words, feedback.Moments(now, now), now)
        known = feedback_queries.feedback([project_id], row.hex_id)
        if known is not None:
            return known
        if row.event_id is not None:
            row.issue_id = event_queries.issues_of_events(project_id, [row.event_id]).get(row.event_id)
        feedback.store_feedback([row])
        if row.issue_id is not None:
            add_feedback(project_id, {row.issue_id: 1})
    return row


def add_feedback(project_id: int, gained: Mapping[int, int]) -> None:
    """Count feedback into the issues that it is about."""
    for issue in Issue.objects.select_for_update().filter(project_id=project_id, id__in=list(gained)):
        issue.feedback_count += gained[issue.id]
        issue.save(update_fields=["feedback_count"])


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
    found = Issue.objects.select_for_update().filter(project_id=issue.project_id, id=issue.id).first()
    if found is None:
        raise UsageError("This issue is not there any more: it was merged or deleted in the meantime.")
    return found

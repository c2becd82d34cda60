"""Erases what a person chose to delete: an issue with all that belongs to it, or one file. Bytes too, not only rows."""

from django.db import models, transaction

from crashdesk.server.events import freed
from crashdesk.server.events.locks import lock_projects
from crashdesk.server.events.models import Attachment, Event
from crashdesk.server.events.moving import moving
from crashdesk.server.feedback.models import Feedback
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

EVENTS_AT_ONCE = 500
_OF_ISSUE: tuple[type[models.Model], ...] = (GroupingKey, IssueTag, IssueHour, IssueUser, FullTag, IssueChange)


def erase_issue(project_id: int, issue_id: int) -> None:
    """Erase an issue with its events, their files and words; the project's counts stay.

    Events go a portion a transaction, the issue itself with the last: who is interrupted finds it again.
    """
    while not _erase_events(project_id, issue_id):
        carry_out_now()
    carry_out_now()


def erase_attachment(row: Attachment) -> None:
    """Erase one file."""
    with transaction.atomic():
        freed.erase_later([row.blob])
        row.delete()
    carry_out_now()


def carry_out_now() -> None:
    """Overwrite what was noted, unless somebody moves or copies blobs at this moment: then the sweep does it."""
    with moving(waits=False) as is_held:
        while is_held and freed.carry_out():
            pass


def _erase_events(project_id: int, issue_id: int) -> bool:
    """Erase a portion of an issue's events, or what is left of it; return whether it is gone."""
    with transaction.atomic():
        lock_projects([project_id])
        found = Event.objects.filter(project_id=project_id, issue_id=issue_id).order_by("id")
        rows = list(found.values_list("id", "event_id", "body")[:EVENTS_AT_ONCE])
        event_ids = [event_id for _, event_id, _ in rows]
        freed.erase_later([body for _, _, body in rows])
        files = Attachment.objects.filter(project_id=project_id, event_id__in=event_ids)
        freed.erase_later(list(files.values_list("blob", flat=True)))
        files.delete()
        Event.objects.filter(project_id=project_id, id__in=[row_id for row_id, _, _ in rows]).delete()
        if len(rows) == EVENTS_AT_ONCE:
            return False
        _erase_rest(project_id, issue_id)
        return True


def _erase_rest(project_id: int, issue_id: int) -> None:
    words = Feedback.objects.filter(project_id=project_id, issue_id=issue_id)
    told = list(words.values_list("feedback_id", "body"))
    freed.erase_later([body for _, body in told])
    files = Attachment.objects.filter(project_id=project_id, event_id__in=[found for found, _ in told])
    freed.erase_later(list(files.values_list("blob", flat=True)))
    files.delete()
    words.delete()
    for model in _OF_ISSUE:
        model._default_manager.filter(project_id=project_id, issue_id=issue_id).delete()  # noqa: SLF001 - Django's way
    MergedIssue.objects.filter(project_id=project_id, parent_id=issue_id).delete()
    Issue.objects.filter(project_id=project_id, id=issue_id).delete()

"""Every write of users' own words."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from crashdesk.protocol.feedback import Feedback as Words
from crashdesk.server.events import bulk
from crashdesk.server.events.ids import new_id
from crashdesk.server.feedback.models import Feedback


class Moments(NamedTuple):
    """When the user wrote, as far as one can tell, and when it arrived."""

    happened_at: datetime
    received_at: datetime


def row_of(project_id: int, words: Words, moments: Moments, now: datetime) -> Feedback:
    """Build the row of `words`; what the user wrote is cut to the lengths of its columns."""
    return Feedback(
        project_id=project_id,
        id=new_id(now),
        feedback_id=UUID(words.feedback_id),
        event_id=UUID(words.associated_event_id) if words.associated_event_id else None,
        happened_at=moments.happened_at,
        received_at=moments.received_at,
        kind=words.kind,
        severity=words.severity or "",
        message=words.message,
        name=(words.name or "")[:200],
        email=(words.contact_email or "")[:254],
        url=(words.url or "")[:500],
        source=(words.source or "")[:60],
    )


def store_feedback(news: Sequence[Feedback]) -> None:
    """Store new feedback; `issue_id` is set where the event they are about is stored already."""
    Feedback.objects.bulk_create(news)


def link_to_issues(project_id: int, issue_of: Mapping[UUID, int]) -> Counter[int]:
    """Link feedback that came before its event; return how many pieces each issue gained."""
    about = bulk.read(
        Feedback, ("id", "event_id", "issue_id"), {"project_id": project_id}, {"event_id": list(issue_of)}
    )
    gained: Counter[int] = Counter()
    for row_id, event_id, issue_id in about:
        if issue_id is not None:
            continue
        Feedback.objects.filter(project_id=project_id, id=row_id).update(issue_id=issue_of[event_id])
        gained[issue_of[event_id]] += 1
    return gained


def move_feedback(project_id: int, from_issue: int, to_issue: int) -> None:
    """Let what users wrote about one issue belong to another."""
    Feedback.objects.filter(project_id=project_id, issue_id=from_issue).update(issue_id=to_issue)


def mark_read(project_ids: Collection[int], row_ids: Collection[int], *, is_read: bool = True) -> int:
    """Mark feedback as read or unread; return how many pieces there were."""
    return Feedback.objects.filter(project_id__in=project_ids, id__in=row_ids).update(is_read=is_read)

"""Every write of users' own words."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from crashdesk.server.feedback.models import Feedback


def store_feedback(news: Sequence[Feedback]) -> None:
    """Store new feedback; `issue_id` is set where the event they are about is stored already."""
    Feedback.objects.bulk_create(news)


def link_to_issues(project_id: int, issue_of: Mapping[UUID, int]) -> Counter[int]:
    """Link feedback that came before its event; return how many pieces each issue gained."""
    waiting = Feedback.objects.filter(project_id=project_id, event_id__in=list(issue_of), issue_id__isnull=True)
    gained: Counter[int] = Counter()
    for row_id, event_id in waiting.values_list("id", "event_id"):
        if event_id is None:
            continue
        Feedback.objects.filter(project_id=project_id, id=row_id).update(issue_id=issue_of[event_id])
        gained[issue_of[event_id]] += 1
    return gained


def mark_read(project_ids: Collection[int], row_ids: Collection[int], *, is_read: bool = True) -> int:
    """Mark feedback as read or unread; return how many pieces there were."""
    return Feedback.objects.filter(project_id__in=project_ids, id__in=row_ids).update(is_read=is_read)

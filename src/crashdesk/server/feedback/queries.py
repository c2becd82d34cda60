"""Every read of users' own words: the inbox, one piece, and those of an issue or event."""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from crashdesk.server.events import bodies
from crashdesk.server.events.queries import as_uuid
from crashdesk.server.feedback.models import Feedback

__all__ = ["Feedback"]


def inbox(
    project_ids: Collection[int],
    *,
    kind: str = "",
    only_unread: bool = False,
    before: int | None = None,
    limit: int = 50,
) -> list[Feedback]:
    """Return feedback of these projects, newest first; pass the last row's `id` as `before` for the next page."""
    found = Feedback.objects.filter(project_id__in=project_ids)
    if kind:
        found = found.filter(kind=kind)
    if only_unread:
        found = found.filter(is_read=False)
    if before is not None:
        found = found.filter(id__lt=before)
    return list(found.order_by("-id")[:limit])


def unread_count(project_ids: Collection[int]) -> int:
    return Feedback.objects.filter(project_id__in=project_ids, is_read=False).count()


def feedback(project_ids: Collection[int], feedback_id: str) -> Feedback | None:
    """Return the feedback with these 32 hex digits, if one of the projects has it."""
    found = as_uuid(feedback_id)
    return Feedback.objects.filter(project_id__in=project_ids, feedback_id=found).first() if found else None


def of_issue(project_id: int, issue_id: int, *, limit: int = 50) -> list[Feedback]:
    """Return what users wrote about an issue's events, newest first."""
    return list(Feedback.objects.filter(project_id=project_id, issue_id=issue_id).order_by("-id")[:limit])


def of_event(project_id: int, event_id: UUID) -> list[Feedback]:
    """Return what users wrote about one event, newest first."""
    return list(Feedback.objects.filter(project_id=project_id, event_id=event_id).order_by("-id"))


def body(of: Feedback) -> dict[str, Any]:
    """Return the whole feedback as it was processed; empty for the older form, which has no more than the row."""
    return bodies.read_json(of.body) if of.body else {}


def stored_ids(project_id: int, feedback_ids: Iterable[UUID]) -> set[UUID]:
    """Return those of the ids that are stored already."""
    found = Feedback.objects.filter(project_id=project_id, feedback_id__in=list(feedback_ids))
    return set(found.values_list("feedback_id", flat=True))

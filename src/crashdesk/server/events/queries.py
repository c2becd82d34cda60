"""Every read of events, their bodies and attachments, unreadable reports and the processor's place in the intake.

Lists come newest first and are paged by id: pass the last row's `id` as `before`. Whoever asks for a person passes the
ids of the projects which that person may see; what lies outside them is not found.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from crashdesk.errors import StorageError
from crashdesk.protocol.envelope import normalise_event_id
from crashdesk.server.events import bodies, bulk
from crashdesk.server.events.models import Attachment, Event, FailedReport, KeptItem, SeenEnvelope
from crashdesk.server.intake.blobs import GoneError

__all__ = ["Attachment", "Event", "FailedReport", "KeptItem"]

PROCESSOR = "processor"
NOT_KEPT = "The details of this event are no longer kept: its project keeps those of some events of each issue."
MOST_KEPT = 1000
Row = TypeVar("Row", Event, FailedReport, KeptItem)


class BodyNotKept(StorageError):  # noqa: N818 - it says what is the case
    """The body of an event has gone by its project's retention, or was erased; its row and all counts stay."""


def event(project_ids: Collection[int], event_id: str) -> Event | None:
    """Return the event with these 32 hex digits (dashes allowed), if one of the projects has it."""
    found = as_uuid(event_id)
    return Event.objects.filter(project_id__in=project_ids, event_id=found).first() if found else None


def events_of_issue(project_id: int, issue_id: int, *, before: int | None = None, limit: int = 50) -> list[Event]:
    """Return events of an issue, newest first."""
    return _page(Event.objects.filter(project_id=project_id, issue_id=issue_id), before, limit)


def events_of_project(project_id: int, *, before: int | None = None, limit: int = 50) -> list[Event]:
    """Return events of a project, newest first."""
    return _page(Event.objects.filter(project_id=project_id), before, limit)


def latest_event(project_id: int, issue_id: int) -> Event | None:
    return Event.objects.filter(project_id=project_id, issue_id=issue_id).order_by("-id").first()


def oldest_event(project_id: int, issue_id: int) -> Event | None:
    return Event.objects.filter(project_id=project_id, issue_id=issue_id).order_by("id").first()


def neighbours(of: Event) -> tuple[Event | None, Event | None]:
    """Return the events of the same issue that came just before and just after."""
    same = Event.objects.filter(project_id=of.project_id, issue_id=of.issue_id)
    return same.filter(id__lt=of.id).order_by("-id").first(), same.filter(id__gt=of.id).order_by("id").first()


def body(of: Event) -> dict[str, Any]:
    """Return the event as it was processed: scrubbed and normalised.

    Raises BodyNotKept when it has gone as its project's retention wants it, StorageError when it is lost.
    """
    if not of.body:
        raise BodyNotKept(NOT_KEPT)
    try:
        return bodies.read_json(of.body)
    except GoneError:
        of.refresh_from_db(fields=["body"])  # it may have been moved, or let go, since the row was read
        if not of.body:
            raise BodyNotKept(NOT_KEPT) from None
        return bodies.read_json(of.body)


def kept_bodies(project_id: int, issue_id: int, *, limit: int = MOST_KEPT) -> list[Event]:
    """Return the events of an issue whose bodies are kept, newest first."""
    return list(with_body(Event.objects.filter(project_id=project_id, issue_id=issue_id)).order_by("-id")[:limit])


def with_body(events: QuerySet[Event]) -> QuerySet[Event]:
    """Return those of the events whose bodies are kept, found by the index of these alone."""
    return events.extra(where=["NOT (events_event.body = '')"])  # a parameter would hide that the index is meant


def attachments_of(project_id: int, event_id: UUID | str) -> list[Attachment]:
    """Return the files that came with an event or feedback, in the order of their arrival."""
    found = event_id if isinstance(event_id, UUID) else as_uuid(event_id)
    if found is None:
        return []
    return list(Attachment.objects.filter(project_id=project_id, event_id=found).order_by("id"))


def attachment(project_ids: Collection[int], attachment_id: int) -> Attachment | None:
    return Attachment.objects.filter(project_id__in=project_ids, id=attachment_id).first()


def content(of: Attachment) -> bytes:
    """Return the bytes of a file; raises StorageError when they are lost."""
    return bodies.read_bytes(of.blob) if of.blob else b""


def content_pieces(of: Attachment) -> Iterator[bytes]:
    """Yield the bytes of a file, which may be large; raises StorageError when they are lost."""
    return bodies.blobs().pieces(of.blob) if of.blob else iter(())


def failed_reports(project_ids: Collection[int], *, before: int | None = None, limit: int = 50) -> list[FailedReport]:
    """Return reports that could not be processed, newest first."""
    return _page(FailedReport.objects.filter(project_id__in=project_ids), before, limit)


def failed_report(project_ids: Collection[int], report_id: int) -> FailedReport | None:
    return FailedReport.objects.filter(project_id__in=project_ids, id=report_id).first()


def failed_like(project_ids: Collection[int], report_id: int, *, limit: int, is_alone: bool) -> list[int]:
    """Return this failed report, unless it is alone also the oldest others that failed for the same reason."""
    found = failed_report(project_ids, report_id)
    if found is None or is_alone:
        return [report_id] if found else []
    same = FailedReport.objects.filter(project_id=found.project_id, reason=found.reason)
    return list(same.order_by("id").values_list("id", flat=True)[:limit])


def raw_bytes(of: FailedReport) -> bytes:
    """Return an unreadable report's body as it was received."""
    return bodies.read_bytes(of.blob)


def kept_items(project_ids: Collection[int], *, before: int | None = None, limit: int = 50) -> list[KeptItem]:
    """Return items that are kept as they came, newest first."""
    return _page(KeptItem.objects.filter(project_id__in=project_ids), before, limit)


def kept_item(project_ids: Collection[int], item_id: int) -> KeptItem | None:
    return KeptItem.objects.filter(project_id__in=project_ids, id=item_id).first()


def kept_pieces(of: KeptItem) -> Iterator[bytes]:
    """Yield the bytes of a kept item; raises StorageError when they are lost."""
    return bodies.blobs().pieces(of.blob) if of.blob else iter(())


def intake_position(name: str = PROCESSOR, *, through: Any = connection) -> int:
    """Return how far the processor has come in the intake, or another of its notes; 0 when there is none."""
    with through.cursor() as cursor:
        cursor.execute("SELECT position FROM events_intakecursor WHERE name = %s", (name,))
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def noted_positions(prefix: str, *, through: Any = connection) -> set[int]:
    """Return the positions that stand in notes whose names begin with `prefix`, 0 left out."""
    with through.cursor() as cursor:
        cursor.execute("SELECT position FROM events_intakecursor WHERE name LIKE %s", (f"{prefix}%",))
        return {int(position) for (position,) in cursor.fetchall()} - {0}


def issues_of_events(project_id: int, event_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Return the issue of each of these events that is stored."""
    return dict(bulk.read(Event, ("event_id", "issue_id"), {"project_id": project_id}, {"event_id": event_ids}))


def stored_attachments(project_id: int, event_ids: Iterable[UUID]) -> set[tuple[UUID, str, str]]:
    """Return event id, hash and name of the files stored for these events."""
    found = Attachment.objects.filter(project_id=project_id, event_id__in=list(event_ids))
    return set(found.values_list("event_id", "sha256", "name"))


def seen_envelopes(project_id: int, envelope_ids: Iterable[UUID]) -> set[UUID]:
    """Return those of the envelopes whose items without an id of their own are stored already."""
    found = SeenEnvelope.objects.filter(project_id=project_id, envelope_id__in=list(envelope_ids))
    return set(found.values_list("envelope_id", flat=True))


def as_uuid(event_id: str) -> UUID | None:
    """Return 32 hex digits, with or without dashes, as the database keeps them; None for anything else."""
    digits = normalise_event_id(event_id)
    return UUID(digits) if digits else None


def _page(rows: QuerySet[Row], before: int | None, limit: int) -> list[Row]:
    if before is not None:
        rows = rows.filter(id__lt=before)
    return list(rows.order_by("-id")[:limit])

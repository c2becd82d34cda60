"""Every write of events, attachments, seen envelopes and releases, unreadable reports and the processor's place."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F, QuerySet

from crashdesk.server.events import copying
from crashdesk.server.events.freed import erase_later
from crashdesk.server.events.models import Attachment, Event, FailedReport, KeptItem, SeenEnvelope, SeenRelease
from crashdesk.server.events.queries import PROCESSOR

REASON_LIMIT = 200
KEPT_COUNT, KEPT_BYTES = 10_000, 2_000_000_000
MOVED_AT_ONCE = 5_000


def store_events(events: Sequence[Event]) -> None:
    """Store new events, whose bodies are safely in blobs."""
    copying.store(Event, events)


def move_events(project_id: int, from_issue: int, to_issue: int) -> None:
    """Let all events of one issue belong to another; in parts of bounded size, within the caller's transaction."""
    mine = Event.objects.filter(project_id=project_id, issue_id=from_issue)
    while ids := list(mine.order_by("id").values_list("id", flat=True)[:MOVED_AT_ONCE]):
        mine.filter(id__range=(ids[0], ids[-1])).update(issue_id=to_issue)


def store_attachments(attachments: Sequence[Attachment]) -> None:
    """Store new attachments, whose bytes are safely in blobs."""
    copying.store(Attachment, attachments)


def note_releases(project_id: int, versions: Iterable[str], now: datetime) -> dict[str, datetime]:
    """Note releases that sent an event; return when the first event of each arrived."""
    wanted = set(versions) - {""}
    if not wanted:
        return {}
    seen = SeenRelease.objects.filter(project_id=project_id, version__in=wanted)
    known = dict(seen.values_list("version", "first_seen_at"))
    missing = sorted(wanted - known.keys())
    SeenRelease.objects.bulk_create(
        [
            SeenRelease(project_id=project_id, version=version, first_seen_at=now, last_seen_at=now)
            for version in missing
        ]
    )
    if known:
        seen.update(last_seen_at=now)
    return known | dict.fromkeys(missing, now)


def note_envelopes(project_id: int, envelope_ids: Iterable[UUID], now: datetime) -> None:
    """Note envelopes whose items without an id of their own are stored now."""
    SeenEnvelope.objects.bulk_create(
        [SeenEnvelope(project_id=project_id, envelope_id=found, received_at=now) for found in envelope_ids]
    )


def store_kept(project_id: int, items: Sequence[KeptItem]) -> None:
    """Keep items as they came; beyond KEPT_COUNT or KEPT_BYTES of a project the oldest make room."""
    KeptItem.objects.bulk_create(items)
    of_project = KeptItem.objects.filter(project_id=project_id)
    left = KEPT_BYTES
    for place, (row_id, size) in enumerate(of_project.order_by("-id").values_list("id", "size_bytes")):
        left -= size
        if place >= KEPT_COUNT or (left < 0 and place):
            _forget_with_blobs(of_project.filter(id__lte=row_id))
            return


def forget_failed(project_id: int, row_ids: Collection[int]) -> None:
    """Forget reports that could be processed after all; belongs into the transaction that stores them."""
    _forget_with_blobs(FailedReport.objects.filter(project_id=project_id, id__in=row_ids))


def note_failed_again(project_id: int, row_id: int, reason: str) -> None:
    """Note that a report could not be processed once more, and why this time."""
    found = FailedReport.objects.filter(project_id=project_id, id=row_id)
    found.update(reason=reason[:REASON_LIMIT], tries=F("tries") + 1)


def _forget_with_blobs(rows: QuerySet[KeptItem] | QuerySet[FailedReport]) -> None:
    """Delete rows; what they had in blobs came unscrubbed and is overwritten."""
    erase_later(rows.exclude(blob="").values_list("blob", flat=True))
    rows.delete()


def store_failed(report: FailedReport) -> None:
    """Keep a report that could not be processed, so that a person can see it and why."""
    report.reason = report.reason[:REASON_LIMIT]
    report.save(force_insert=True)


def move_intake_position(position: int, name: str = PROCESSOR, *, through: Any = connection) -> None:
    """Note how far the processor has come; belongs into the transaction that stores what it read.

    `through` is the connection that writes: a note that must outlive a transaction goes through another one.
    """
    statement = (
        "INSERT INTO events_intakecursor (name, position) VALUES (%s, %s)"
        " ON CONFLICT (name) DO UPDATE SET position = excluded.position"
    )
    with through.cursor() as cursor:
        cursor.execute(statement, (name, position))

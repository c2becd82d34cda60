"""Every write of events, attachments, seen envelopes and releases, unreadable reports and the processor's place."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from crashdesk.server.events.models import Attachment, Event, FailedReport, SeenEnvelope, SeenRelease
from crashdesk.server.events.queries import PROCESSOR

REASON_LIMIT = 200
MOVED_AT_ONCE = 5_000


def store_events(events: Sequence[Event]) -> None:
    """Store new events, whose bodies are safely in blobs."""
    Event.objects.bulk_create(events)


def move_events(project_id: int, from_issue: int, to_issue: int) -> None:
    """Let all events of one issue belong to another; in parts of bounded size, within the caller's transaction."""
    mine = Event.objects.filter(project_id=project_id, issue_id=from_issue)
    while ids := list(mine.order_by("id").values_list("id", flat=True)[:MOVED_AT_ONCE]):
        mine.filter(id__range=(ids[0], ids[-1])).update(issue_id=to_issue)


def store_attachments(attachments: Sequence[Attachment]) -> None:
    """Store new attachments, whose bytes are safely in blobs."""
    Attachment.objects.bulk_create(attachments)


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

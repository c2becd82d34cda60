"""Builds the rows of what is stored, from drafts, files and failures; their bodies are put in later."""

from datetime import datetime
from uuid import UUID

from crashdesk.server.events.ids import new_id
from crashdesk.server.events.models import Attachment, Event, FailedReport, KeptItem
from crashdesk.server.feedback import services as feedback
from crashdesk.server.feedback.models import Feedback
from crashdesk.server.feedback.services import Moments
from crashdesk.server.issues.recording import Occurrence
from crashdesk.server.processor.draft import Draft
from crashdesk.server.processor.prepared import Failure, File, KeptFile, Prepared


def event(project_id: int, draft: Draft, now: datetime) -> Event:
    if draft.fingerprint is None:
        raise ValueError("an event without a fingerprint")  # the rule that sets it is essential
    return Event(
        project_id=project_id,
        id=new_id(now),
        event_id=UUID(draft.id),
        kind=draft.kind,
        level=draft.level,
        happened_at=draft.happened_at,
        received_at=draft.arrival.received_at,
        release=draft.release,
        environment=draft.environment,
        user_digest=draft.user_digest,
        likeness=draft.likeness,
        grouping_version=draft.fingerprint.version,
        grouping_key=draft.fingerprint.key,
        variant=draft.variant,
    )


def occurrence(draft: Draft, row_id: int) -> Occurrence:
    if draft.fingerprint is None:
        raise ValueError("an event without a fingerprint")
    return Occurrence(
        row_id=row_id,
        fingerprint=(draft.fingerprint.version, draft.fingerprint.key),
        kind=draft.kind,
        level=draft.level,
        type=draft.type,
        value=draft.value,
        culprit=draft.culprit,
        happened_at=draft.happened_at,
        release=draft.release,
        environment=draft.environment,
        user_digest=draft.user_digest,
        tags=tuple(draft.tags),
    )


def words(project_id: int, draft: Draft, now: datetime) -> Feedback:
    if draft.words is None:
        raise ValueError("feedback without words")  # the rule that sets them is essential
    row = feedback.row_of(project_id, draft.words, Moments(draft.happened_at, draft.arrival.received_at), now)
    row.release, row.environment = draft.release, draft.environment
    return row


def attachment(prepared: Prepared, file: File) -> Attachment:
    return Attachment(
        project_id=prepared.row.project_id,
        id=file.row_id,
        event_id=UUID(file.event_id),
        sha256=file.content.sha256,
        name=file.name,
        content_type=file.content_type,
        attachment_type=file.attachment_type,
        size_bytes=file.content.size,
        received_at=prepared.received_at,
        blob=file.content.blob,
    )


def kept_item(prepared: Prepared, file: KeptFile) -> KeptItem:
    return KeptItem(
        project_id=prepared.row.project_id,
        id=file.row_id,
        item_type=file.name,
        envelope_id=_envelope_id(prepared),
        received_at=prepared.received_at,
        size_bytes=file.content.size,
        blob=file.content.blob,
    )


def failed_report(prepared: Prepared, failure: Failure) -> FailedReport:
    """Return the row of what could not be processed, with all that is needed to try again."""
    row = prepared.row
    is_whole = not failure.item
    return FailedReport(
        project_id=row.project_id,
        id=failure.row_id,
        envelope_id=_envelope_id(prepared),
        received_at=prepared.received_at,
        reason=failure.reason,
        blob=failure.content.blob,
        size_bytes=failure.content.size,
        key_id=row.key_id,
        route=row.route if is_whole else "envelope",
        encoding=_plain(row.encoding)[:20] if is_whole else "",
        content_type=_plain(row.content_type),
        remote=_plain(row.remote)[:45],
        envelope=failure.envelope,
        item=failure.item,
        seen=failure.seen,
        counted_as=failure.counted_as,
        tries=prepared.tries,
    )


def _plain(text: str) -> str:
    """Return text of a request as every database takes it: a report that is set aside must always find its place."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "")


def _envelope_id(prepared: Prepared) -> UUID | None:
    return UUID(prepared.row.envelope_id) if prepared.row.envelope_id else None

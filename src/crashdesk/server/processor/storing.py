"""Stores a batch: bodies first, synced; then rows and counters, in the transaction that also finishes the intake.

A kill between the two leaves bodies that nothing refers to; a kill anywhere else leaves all or nothing. So each row of
the intake is stored exactly once.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

import orjson

from crashdesk.server.events import queries as event_queries
from crashdesk.server.events import services as events
from crashdesk.server.events.bodies import blobs
from crashdesk.server.events.ids import new_id
from crashdesk.server.events.locks import lock_projects
from crashdesk.server.events.models import Attachment, Event, FailedReport
from crashdesk.server.feedback import services as feedback
from crashdesk.server.feedback.models import Feedback
from crashdesk.server.feedback.services import Moments
from crashdesk.server.intake.blobs import Kind, Owner, Record
from crashdesk.server.issues.recording import Occurrence, record
from crashdesk.server.issues.services import add_feedback
from crashdesk.server.outcomes import services as outcomes
from crashdesk.server.processor.draft import Draft
from crashdesk.server.processor.preparing import Failure, File, Prepared
from crashdesk.server.processor.selecting import Fresh, select

References = Iterator[str]


def store(batch: Sequence[Prepared], now: datetime) -> None:
    """Store what is new in `batch`; belongs into a transaction, which also notes that the batch is done.

    What is new is selected in that transaction, after the projects were locked against other processors. Raises
    StorageError when bodies cannot be written, a database error when rows cannot: then the transaction must not commit.
    """
    lock_projects({prepared.row.project_id for prepared in batch})
    fresh = select(batch)
    references = iter(blobs().append([record for part in fresh for record in _records(part)]))
    for part in fresh:
        _store_part(part, references, now)
    outcomes.count(counted for part in fresh for counted in part.counted)


def _records(fresh: Fresh) -> Iterator[Record]:
    """Yield what goes into blobs, in the order in which `_store_part` takes the references."""
    project_id = fresh.project_id
    for kind, drafts in ((Kind.EVENT, fresh.events), (Kind.FEEDBACK, fresh.feedback)):
        for draft in drafts:
            yield Record(Owner(kind, project_id, UUID(draft.id).int), orjson.dumps(draft.payload))
    for _, file in fresh.files:
        if file.data:
            yield Record(Owner(Kind.ATTACHMENT, project_id, UUID(file.event_id).int), file.data)
    for _, failure in fresh.failures:
        yield Record(Owner(Kind.FAILED, project_id, 0), failure.raw)


def _store_part(fresh: Fresh, references: References, now: datetime) -> None:
    issue_of = _store_events(fresh, references, now)
    _store_feedback(fresh, references, issue_of, now)
    project_id = fresh.project_id
    events.store_attachments([_attachment(project_id, *file, references, now) for file in fresh.files])
    for failure in fresh.failures:
        events.store_failed(_failed_report(project_id, *failure, references, now))
    events.note_envelopes(project_id, fresh.envelopes, now)


def _store_events(fresh: Fresh, references: References, now: datetime) -> dict[UUID, int]:
    """Store the events and their issues; return the issue of each."""
    if not fresh.events:
        return {}
    project_id = fresh.project_id
    rows = [_event(project_id, draft, next(references), now) for draft in fresh.events]
    first_seen = events.note_releases(project_id, [draft.release for draft in fresh.events], now)
    occurrences = [_occurrence(draft, row.id) for draft, row in zip(fresh.events, rows, strict=True)]
    for row, issue_id in zip(rows, record(project_id, occurrences, first_seen, now), strict=True):
        row.issue_id = issue_id
    events.store_events(rows)
    return {row.event_id: row.issue_id for row in rows}


def _store_feedback(fresh: Fresh, references: References, issue_of: dict[UUID, int], now: datetime) -> None:
    """Store feedback and link it to the issues of its events, whichever of the two came first."""
    project_id = fresh.project_id
    gained: Counter[int] = feedback.link_to_issues(project_id, issue_of) if issue_of else Counter()
    rows = [_feedback(project_id, draft, next(references), now) for draft in fresh.feedback]
    known = issue_of | event_queries.issues_of_events(project_id, {row.event_id for row in rows if row.event_id})
    for row in rows:
        row.issue_id = known.get(row.event_id) if row.event_id else None
        if row.issue_id is not None:
            gained[row.issue_id] += 1
    feedback.store_feedback(rows)
    if gained:
        add_feedback(project_id, gained)


def _event(project_id: int, draft: Draft, body: str, now: datetime) -> Event:
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
        body=body,
    )


def _occurrence(draft: Draft, row_id: int) -> Occurrence:
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
        user_digest=draft.user_digest,
        tags=tuple(draft.tags),
    )


def _feedback(project_id: int, draft: Draft, body: str, now: datetime) -> Feedback:
    if draft.words is None:
        raise ValueError("feedback without words")  # the rule that sets them is essential
    row = feedback.row_of(project_id, draft.words, Moments(draft.happened_at, draft.arrival.received_at), now)
    row.release, row.environment, row.body = draft.release, draft.environment, body
    return row


def _attachment(project_id: int, prepared: Prepared, file: File, references: References, now: datetime) -> Attachment:
    return Attachment(
        project_id=project_id,
        id=new_id(now),
        event_id=UUID(file.event_id),
        sha256=file.sha256,
        name=file.name,
        content_type=file.content_type,
        attachment_type=file.attachment_type,
        size_bytes=len(file.data),
        received_at=prepared.received_at,
        blob=next(references) if file.data else "",
    )


def _failed_report(
    project_id: int, prepared: Prepared, failure: Failure, references: References, now: datetime
) -> FailedReport:
    envelope_id = prepared.row.envelope_id
    return FailedReport(
        project_id=project_id,
        id=new_id(now),
        envelope_id=UUID(envelope_id) if envelope_id else None,
        received_at=prepared.received_at,
        reason=failure.reason,
        blob=next(references),
    )

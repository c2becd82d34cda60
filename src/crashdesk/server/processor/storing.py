"""Stores a batch: bodies first, synced; then rows and counters, in the transaction that also finishes the intake.

A kill between the two leaves bodies that nothing refers to; a kill anywhere else leaves all or nothing. So each row of
the intake is stored exactly once.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from crashdesk.protocol.outcomes import Outcome
from crashdesk.server.events import queries as event_queries
from crashdesk.server.events import services as events
from crashdesk.server.events.bodies import blobs
from crashdesk.server.events.freed import free
from crashdesk.server.events.locks import lock_projects
from crashdesk.server.events.models import Event
from crashdesk.server.feedback import services as feedback
from crashdesk.server.feedback.models import Feedback
from crashdesk.server.intake.blobs import Kind, Owner, Record
from crashdesk.server.issues.recording import record
from crashdesk.server.issues.services import add_feedback
from crashdesk.server.outcomes import services as outcomes
from crashdesk.server.outcomes.services import Counted
from crashdesk.server.processor import rows
from crashdesk.server.processor.prepared import Content, Prepared
from crashdesk.server.processor.selecting import DUPLICATE, SUPERSEDED, Fresh, id_of, select
from crashdesk.server.sessions import services as sessions
from crashdesk.server.sessions.services import Verdict

_OUTCOMES = {
    Verdict.TAKEN: (Outcome.ACCEPTED, ""),
    Verdict.REPEATED: (Outcome.FILTERED, DUPLICATE),
    Verdict.SUPERSEDED: (Outcome.FILTERED, SUPERSEDED),
}


def store(batch: Sequence[Prepared], now: datetime) -> None:
    """Store what is new in `batch`; belongs into a transaction, which also notes that the batch is done.

    What is new is selected in that transaction, after the projects were locked against other processors. Raises
    StorageError when bodies cannot be written, a database error when rows cannot: then the transaction must not commit.
    """
    lock_projects({prepared.row.project_id for prepared in batch})
    parts = [_Part(fresh, now) for fresh in select(batch)]
    _write([body for part in parts for body in part.bodies])
    counted: list[Counted] = []
    for part in parts:
        part.store()
        counted += part.counted
    outcomes.count(counted)
    written = {reference for prepared in batch for reference in prepared.written}
    free(sorted(written.difference(*(part.used for part in parts))))


class _Body:
    """The bytes of a row on their way into a blob: `row` gets the reference under `name`."""

    def __init__(self, row: Any, name: str, record: Record) -> None:
        self.row = row
        self.name = name
        self.record = record


def _write(bodies: Sequence[_Body]) -> None:
    references = blobs().append([body.record for body in bodies])
    for body, reference in zip(bodies, references, strict=True):
        setattr(body.row, body.name, reference)


class _Part:
    """One project's part of a batch: its rows are built at once, stored when their bodies are safe."""

    def __init__(self, fresh: Fresh, now: datetime) -> None:
        self.bodies: list[_Body] = []
        self.used: set[str] = set()
        self._fresh = fresh
        self._now = now
        project_id = fresh.project_id
        self._events = [self._event(rows.event(project_id, draft, now), draft.body) for draft in fresh.events]
        self._words = [self._feedback(draft) for draft in fresh.feedback]
        self._files = [
            self._with_content(rows.attachment(*pair), pair[1].content, Kind.ATTACHMENT) for pair in fresh.files
        ]
        self._failed = [
            self._with_content(rows.failed_report(*pair), pair[1].content, Kind.FAILED) for pair in fresh.failures
        ]
        self._kept = [self._with_content(rows.kept_item(*pair), pair[1].content, Kind.KEPT) for pair in fresh.kept]

    @property
    def counted(self) -> list[Counted]:
        """What became of the items of this part; complete once it is stored."""
        return self._fresh.counted

    def store(self) -> None:
        """Write the rows and move the counters."""
        fresh, now = self._fresh, self._now
        self._store_feedback(self._store_events())
        events.store_attachments(self._files)
        for row in self._failed:
            events.store_failed(row)
        self._store_kept()
        self._store_runs()
        events.note_envelopes(fresh.project_id, fresh.envelopes, now)

    def _event(self, row: Event, body: bytes) -> Event:
        self._add_body(row, "body", Kind.EVENT, row.event_id.int, body)
        return row

    def _feedback(self, draft: Any) -> Feedback:
        row = rows.words(self._fresh.project_id, draft, self._now)
        self._add_body(row, "body", Kind.FEEDBACK, id_of(draft).int, draft.body)
        return row

    def _with_content(self, row: Any, content: Content, kind: Kind) -> Any:
        if content.blob:
            self.used.add(content.blob)
        elif content.data:
            self._add_body(row, "blob", kind, row.id, content.data)
        return row

    def _add_body(self, row: Any, name: str, kind: Kind, number: int, data: bytes) -> None:
        self.bodies.append(_Body(row, name, Record(Owner(kind, self._fresh.project_id, number), data)))

    def _store_events(self) -> dict[UUID, int]:
        """Store the events and their issues; return the issue of each."""
        if not self._events:
            return {}
        drafts, project_id, now = self._fresh.events, self._fresh.project_id, self._now
        first_seen = events.note_releases(project_id, [draft.release for draft in drafts], now)
        occurrences = [rows.occurrence(draft, row.id) for draft, row in zip(drafts, self._events, strict=True)]
        for row, issue_id in zip(self._events, record(project_id, occurrences, first_seen, now), strict=True):
            row.issue_id = issue_id
        events.store_events(self._events)
        return {row.event_id: row.issue_id for row in self._events}

    def _store_feedback(self, issue_of: dict[UUID, int]) -> None:
        """Store feedback and link it to the issues of its events, whichever of the two came first."""
        project_id = self._fresh.project_id
        gained: Counter[int] = feedback.link_to_issues(project_id, issue_of) if issue_of else Counter()
        wanted = {row.event_id for row in self._words if row.event_id}
        known = issue_of | (event_queries.issues_of_events(project_id, wanted) if wanted else {})
        for row in self._words:
            row.issue_id = known.get(row.event_id) if row.event_id else None
            if row.issue_id is not None:
                gained[row.issue_id] += 1
        feedback.store_feedback(self._words)
        if gained:
            add_feedback(project_id, gained)

    def _store_kept(self) -> None:
        if self._kept:
            events.store_kept(self._fresh.project_id, self._kept)

    def _store_runs(self) -> None:
        """Count runs of the product, and what became of their updates."""
        fresh = self._fresh
        if not (fresh.runs or fresh.groups):
            return
        updates = [run for _, run in fresh.runs]
        verdicts = sessions.record(fresh.project_id, updates, fresh.groups, self._now)
        for (prepared, _), verdict in zip(fresh.runs, verdicts, strict=True):
            fresh.counted.append(prepared.entry("session", *_OUTCOMES[verdict]))

"""Which parts of a batch are new: the first of equal ids stays, whatever comes again is only counted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from crashdesk.protocol.items import item_type
from crashdesk.protocol.outcomes import Outcome
from crashdesk.server.events import queries as events
from crashdesk.server.feedback import queries as feedback
from crashdesk.server.outcomes.services import Counted
from crashdesk.server.processor.draft import EVENT, Draft
from crashdesk.server.processor.preparing import Failure, File, Prepared

DUPLICATE = "duplicate"


@dataclass(slots=True)
class Fresh:
    """What is to be stored of one project's part of a batch."""

    project_id: int
    events: list[Draft] = field(default_factory=list)
    feedback: list[Draft] = field(default_factory=list)
    files: list[tuple[Prepared, File]] = field(default_factory=list)
    failures: list[tuple[Prepared, Failure]] = field(default_factory=list)
    envelopes: set[UUID] = field(default_factory=set)
    counted: list[Counted] = field(default_factory=list)


def select(batch: Sequence[Prepared]) -> list[Fresh]:
    """Return what is new in `batch`, by project."""
    projects = sorted({prepared.row.project_id for prepared in batch})
    return [
        _Selection(project_id, [prepared for prepared in batch if prepared.row.project_id == project_id]).fresh
        for project_id in projects
    ]


class _Selection:
    """Asks what is stored once for all of a project's reports, then goes through them in their order."""

    def __init__(self, project_id: int, batch: Sequence[Prepared]) -> None:
        self.fresh = Fresh(project_id)
        drafts = [draft for prepared in batch for draft in prepared.drafts]
        self._events = set(events.issues_of_events(project_id, _ids(drafts, of_events=True)))
        self._feedback = feedback.stored_ids(project_id, _ids(drafts, of_events=False))
        self._files = events.stored_attachments(
            project_id, {UUID(file.event_id) for one in batch for file in one.files}
        )
        self._envelopes = events.seen_envelopes(project_id, filter(None, map(_envelope_with_counts, batch)))
        for prepared in batch:
            self._add(prepared)

    def _add(self, prepared: Prepared) -> None:
        for draft in prepared.drafts:
            self._add_draft(prepared, draft)
        for file in prepared.files:
            is_new = _is_new((UUID(file.event_id), file.sha256, file.name), self._files)
            self._count(prepared, "attachment", is_new=is_new)
            if is_new:
                self.fresh.files.append((prepared, file))
        self._add_counts(prepared)

    def _add_draft(self, prepared: Prepared, draft: Draft) -> None:
        is_event = draft.item == EVENT
        is_new = _is_new(id_of(draft), self._events if is_event else self._feedback)
        self._count(prepared, item_type(draft.item).category, is_new=is_new)
        if is_new:
            (self.fresh.events if is_event else self.fresh.feedback).append(draft)

    def _add_counts(self, prepared: Prepared) -> None:
        """Take what has no id of its own unless its envelope has been here."""
        envelope = _envelope_with_counts(prepared)
        if envelope is not None:
            if not _is_new(envelope, self._envelopes):
                return
            self.fresh.envelopes.add(envelope)
        self.fresh.counted += prepared.counted
        self.fresh.failures += [(prepared, failure) for failure in prepared.failures]

    def _count(self, prepared: Prepared, category: str, *, is_new: bool) -> None:
        outcome, reason = (Outcome.ACCEPTED, "") if is_new else (Outcome.FILTERED, DUPLICATE)
        self.fresh.counted.append(Counted(self.fresh.project_id, prepared.received_at, category, outcome, reason))


def id_of(draft: Draft) -> UUID:
    """Return the id under which a draft is stored."""
    return UUID(draft.words.feedback_id if draft.words else draft.id)


def _ids(drafts: Iterable[Draft], *, of_events: bool) -> set[UUID]:
    return {id_of(draft) for draft in drafts if (draft.item == EVENT) is of_events}


def _envelope_with_counts(prepared: Prepared) -> UUID | None:
    has_counts = bool(prepared.counted or prepared.failures)
    return UUID(prepared.row.envelope_id) if has_counts and prepared.row.envelope_id else None


def _is_new(found: object, known: set) -> bool:  # type: ignore[type-arg]  # sets of ids of several kinds
    """Say whether `found` is not in `known`, and put it there."""
    if found in known:
        return False
    known.add(found)
    return True

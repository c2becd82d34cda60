"""Which parts of a batch are new: the first of equal ids stays, whatever comes again is only counted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from crashdesk.protocol.items import item_type
from crashdesk.protocol.outcomes import Outcome
from crashdesk.server.events import queries as events
from crashdesk.server.feedback import queries as feedback
from crashdesk.server.outcomes.services import Counted
from crashdesk.server.processor.draft import EVENT, Draft
from crashdesk.server.processor.prepared import Failure, File, KeptFile, Prepared
from crashdesk.server.sessions.states import Group, Run

DUPLICATE, SUPERSEDED = "duplicate", "superseded"


@dataclass(slots=True)
class Fresh:
    """What is to be stored of one project's part of a batch."""

    project_id: int
    events: list[Draft] = field(default_factory=list)
    feedback: list[Draft] = field(default_factory=list)
    files: list[tuple[Prepared, File]] = field(default_factory=list)
    runs: list[tuple[Prepared, Run]] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    kept: list[tuple[Prepared, KeptFile]] = field(default_factory=list)
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
        of_events, of_words = _ids(drafts, of_events=True), _ids(drafts, of_events=False)
        of_files = {UUID(file.event_id) for one in batch for file in one.files}
        envelopes = set(filter(None, map(_envelope_that_counts, batch)))
        self._events = set(events.issues_of_events(project_id, of_events)) if of_events else set()
        self._feedback = feedback.stored_ids(project_id, of_words) if of_words else set()
        self._files = events.stored_attachments(project_id, of_files) if of_files else set()
        self._envelopes = events.seen_envelopes(project_id, envelopes) if envelopes else set()
        for prepared in batch:
            self._add(prepared)

    def _add(self, prepared: Prepared) -> None:
        self.fresh.counted += prepared.counted
        for draft in prepared.drafts:
            self._add_draft(prepared, draft)
        for file in prepared.files:
            is_new = _is_new((UUID(file.event_id), file.content.sha256, file.name), self._files)
            self._count(prepared, "attachment", is_new=is_new)
            if is_new:
                self.fresh.files.append((prepared, file))
        self.fresh.runs += [(prepared, run) for run in prepared.runs]
        self._add_what_has_no_id(prepared)

    def _add_draft(self, prepared: Prepared, draft: Draft) -> None:
        is_event = draft.item == EVENT
        is_new = _is_new(id_of(draft), self._events if is_event else self._feedback)
        self._count(prepared, draft.category, is_new=is_new)
        if is_new:
            (self.fresh.events if is_event else self.fresh.feedback).append(draft)

    def _add_what_has_no_id(self, prepared: Prepared) -> None:
        """Take what has no id of its own, unless its envelope has been here: then it is a repeat."""
        fresh, envelope = self.fresh, _envelope_that_counts(prepared)
        if envelope is not None and not _is_new(envelope, self._envelopes):
            again = (Outcome.FILTERED, DUPLICATE)
            fresh.counted += [replace(entry, outcome=again[0], reason=again[1]) for entry in prepared.once]
            fresh.counted += [
                prepared.entry(item_type(kept.name).category, *again, kept.quantity) for kept in prepared.kept
            ]
            return
        if envelope is not None:
            fresh.envelopes.add(envelope)
        fresh.counted += prepared.once + prepared.discards
        fresh.groups += prepared.groups
        fresh.failures += [(prepared, failure) for failure in prepared.failures]
        for kept in prepared.kept:
            fresh.kept.append((prepared, kept))
            fresh.counted.append(prepared.entry(item_type(kept.name).category, Outcome.ACCEPTED, "", kept.quantity))

    def _count(self, prepared: Prepared, category: str, *, is_new: bool) -> None:
        outcome, reason = (Outcome.ACCEPTED, "") if is_new else (Outcome.FILTERED, DUPLICATE)
        self.fresh.counted.append(prepared.entry(category, outcome, reason))


def id_of(draft: Draft) -> UUID:
    """Return the id under which a draft is stored."""
    return UUID(draft.words.feedback_id if draft.words else draft.id)


def _ids(drafts: Iterable[Draft], *, of_events: bool) -> set[UUID]:
    return {id_of(draft) for draft in drafts if (draft.item == EVENT) is of_events}


def _envelope_that_counts(prepared: Prepared) -> UUID | None:
    """Return the envelope by which a repeat of what has no id of its own is told; None where nothing needs it.

    What is tried again has been here: that it is stored once is for whoever removes it from what failed.
    """
    needs_it = prepared.once or prepared.discards or prepared.groups or prepared.kept or prepared.failures
    if prepared.is_again or not needs_it or not prepared.row.envelope_id:
        return None
    return UUID(prepared.row.envelope_id)


def _is_new(found: object, known: set) -> bool:  # type: ignore[type-arg]  # sets of ids of several kinds
    """Say whether `found` is not in `known`, and put it there."""
    if found in known:
        return False
    known.add(found)
    return True

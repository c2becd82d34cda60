"""From a row of the intake to what can be stored: drafts, files and counts; no database, so it can be done again."""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from crashdesk import logs
from crashdesk.protocol import foreign
from crashdesk.protocol.envelope import Envelope, Item, new_event_id, normalise_event_id
from crashdesk.protocol.items import UNKNOWN, item_type
from crashdesk.protocol.outcomes import ClientReport, Outcome
from crashdesk.protocol.withdrawal import read_digest
from crashdesk.server.grouping.fingerprint import NEWEST_VERSION
from crashdesk.server.intake.encodings import RefusedBody
from crashdesk.server.intake.queue import IntakeRow
from crashdesk.server.intake.reading import decode, to_envelope
from crashdesk.server.outcomes.services import Counted
from crashdesk.server.processor.draft import EVENT, FEEDBACK, USER_REPORT, Arrival, Draft
from crashdesk.server.processor.payloads import UnreadableItem, read_object
from crashdesk.server.processor.pipeline import process

NOT_KEPT, NO_EVENT, NOT_READABLE, NOT_PROCESSED = "not_kept", "no_event", "not_readable", "not_processed"
MOST_COUNTED = 1_000_000  # a client report may claim any number
NAME_LIMIT, TYPE_LIMIT, KIND_LIMIT = 255, 100, 40

_log = logs.logger("processor")


@dataclass(frozen=True, slots=True)
class File:
    """One attachment and the event or feedback that it belongs to."""

    event_id: str
    name: str
    content_type: str
    attachment_type: str
    data: bytes
    sha256: str


@dataclass(frozen=True, slots=True)
class Failure:
    """A part of a report that could not be processed: the reason in words of ours, and its bytes as they came."""

    reason: str
    raw: bytes


@dataclass(slots=True)
class Prepared:
    """One report, ready to be stored; `counted` are its items that have no id of their own."""

    row: IntakeRow
    drafts: list[Draft] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    counted: list[Counted] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    decoded_bytes: int = 0

    @property
    def received_at(self) -> datetime:
        return datetime.fromtimestamp(self.row.received_at, UTC)


def prepare(row: IntakeRow, grouping_version: int = NEWEST_VERSION) -> Prepared:
    """Read one row; what cannot be read becomes a failure with its raw bytes, its neighbours go on."""
    prepared = Prepared(row)
    try:
        decoded = decode(row.body, row.encoding)
        envelope = to_envelope(row.route, decoded, row.envelope_id)
    except RefusedBody as error:
        _fail(prepared, Failure(error.reason, row.body), NOT_READABLE)
        return prepared
    prepared.decoded_bytes = len(decoded)
    _Reader(prepared, envelope, grouping_version).read()
    return prepared


def failed(row: IntakeRow, error: Exception) -> Prepared:
    """Return `row` as a report that could not be processed, because of `error`."""
    prepared = Prepared(row)
    _fail(prepared, Failure(type(error).__name__, row.body), NOT_PROCESSED)
    return prepared


def _fail(prepared: Prepared, failure: Failure, reason: str, category: str = UNKNOWN.category) -> None:
    """Keep what could not be processed and count it; the reason that is counted is one of the table of outcomes."""
    prepared.failures.append(failure)
    prepared.counted.append(Counted(prepared.row.project_id, prepared.received_at, category, Outcome.INVALID, reason))


def _arrival(prepared: Prepared, envelope: Envelope, grouping_version: int) -> Arrival:
    return Arrival(
        project_id=prepared.row.project_id,
        received_at=prepared.received_at,
        sent_at=foreign.moment(envelope.headers.get("sent_at")),
        remote=prepared.row.remote,
        withdrawal_digest=read_digest(envelope.headers.get("withdrawal_digest")),
        grouping_version=grouping_version,
    )


class _Reader:
    """Reads the items of one envelope."""

    def __init__(self, prepared: Prepared, envelope: Envelope, grouping_version: int) -> None:
        self._prepared = prepared
        self._envelope = envelope
        self._types = {item.type for item in envelope.items}
        self._arrival = _arrival(prepared, envelope, grouping_version)

    def read(self) -> None:
        """Read every item: first what has a draft, as files belong to it."""
        for item in self._envelope.items:
            if item.type in {EVENT, FEEDBACK, USER_REPORT}:
                self._draft(item)
        for item in self._envelope.items:
            if item.type == "attachment":
                self._file(item)
            elif item.type == "client_report":
                self._client_report(item)
            elif not item_type(item.type).kept:
                self._count(item, Outcome.FILTERED, NOT_KEPT)
        self._join_words()

    def _join_words(self) -> None:
        """Tie words that name no event to the event beside them."""
        drafts = self._prepared.drafts
        event_id = next((draft.id for draft in drafts if draft.item == EVENT), None)
        for draft in drafts:
            if event_id and draft.words and not draft.words.associated_event_id:
                draft.words = replace(draft.words, associated_event_id=event_id)

    def _draft(self, item: Item) -> None:
        try:
            payload = read_object(item.payload)
            draft = Draft(item.type, self._id_of(item, payload), self._arrival, payload, self._arrival.received_at)
            self._prepared.drafts.append(process(draft))
        except UnreadableItem:
            _fail(self._prepared, Failure(NOT_READABLE, item.payload), NOT_READABLE, item_type(item.type).category)
        except Exception as error:  # noqa: BLE001 - one item must not cost its neighbours
            _log.error("An item could not be processed: %s", type(error).__name__)
            failure = Failure(type(error).__name__, item.payload)
            _fail(self._prepared, failure, NOT_PROCESSED, item_type(item.type).category)

    def _id_of(self, item: Item, payload: dict[str, object]) -> str:
        """Return the envelope's id for its main item, else the item's own, else a fresh one.

        The main item is the event; beside one, feedback has an id of its own.
        """
        own = normalise_event_id(payload.get("event_id"))
        is_first = not any(draft.item == item.type for draft in self._prepared.drafts)
        is_main = is_first and (item.type == EVENT or EVENT not in self._types)
        of_envelope = self._envelope.event_id
        if item.type == USER_REPORT:
            return of_envelope or own or new_event_id()
        return (of_envelope if is_main else None) or own or of_envelope or new_event_id()

    def _file(self, item: Item) -> None:
        owner = self._envelope.event_id or next((draft.id for draft in self._prepared.drafts), None)
        if owner is None:
            self._count(item, Outcome.INVALID, NO_EVENT)
            return
        headers = item.headers
        self._prepared.files.append(
            File(
                event_id=owner,
                name=_line(headers.get("filename"), NAME_LIMIT) or "attachment",
                content_type=_line(headers.get("content_type"), TYPE_LIMIT) or "application/octet-stream",
                attachment_type=_line(headers.get("attachment_type"), KIND_LIMIT) or "event.attachment",
                data=item.payload,
                sha256=hashlib.sha256(item.payload).hexdigest(),
            )
        )

    def _client_report(self, item: Item) -> None:
        """Count what the client threw away; a report that cannot be read is counted itself."""
        try:
            report = ClientReport.parse(read_object(item.payload))
        except UnreadableItem:
            self._count(item, Outcome.INVALID, NOT_READABLE)
            return
        at, project_id, gone = self._prepared.received_at, self._prepared.row.project_id, Outcome.CLIENT_DISCARD
        for entry in report.discarded:
            quantity = min(entry.quantity, MOST_COUNTED)
            self._prepared.counted.append(
                Counted(project_id, at, _word(entry.category), gone, _word(entry.reason), quantity)
            )

    def _count(self, item: Item, outcome: Outcome, reason: str) -> None:
        category = item_type(item.type).category
        quantity = foreign.whole(item.headers.get("item_count")) or 1
        self._prepared.counted.append(
            Counted(
                self._prepared.row.project_id,
                self._prepared.received_at,
                category,
                outcome,
                reason,
                min(max(quantity, 1), MOST_COUNTED),
            )
        )


def _word(text: str) -> str:
    """Return a client's word for a reason or category as a counter takes it."""
    return _line(text, 60) or "unknown"


def _line(value: object, limit: int) -> str:
    """Return text on one line that a database takes, for a name that is only ever shown."""
    text = (foreign.text(value) or "").encode("utf-8", "replace").decode("utf-8")
    return "".join(char if char.isprintable() else " " for char in text).strip()[:limit]

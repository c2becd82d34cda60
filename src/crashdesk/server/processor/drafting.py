"""From the items with events and words to drafts: which id each has, what belongs together, what failed."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from crashdesk import logs
from crashdesk.protocol import jsontext
from crashdesk.protocol.envelope import new_event_id, normalise_event_id
from crashdesk.protocol.items import item_type
from crashdesk.server.intake import seen
from crashdesk.server.processor.draft import EVENT, USER_REPORT, Arrival, Draft
from crashdesk.server.processor.dumps.events import with_facts
from crashdesk.server.processor.payloads import UnreadableItem, read_object
from crashdesk.server.processor.pipeline import process
from crashdesk.server.processor.prepared import NOT_READABLE, Content, Failure, Prepared
from crashdesk.server.processor.sources import Sources

NOT_PROCESSED, TOO_MANY = "not_processed", "too_many"
MOST_DRAFTS, MOST_BYTES = 100, 10_000_000  # of one report: what they unpack to is many times as much

_log = logs.logger("processor")


@dataclass(slots=True)
class _Waiting:
    """An item whose draft is made at the end: `item` as what it is processed, `headers` as what it came."""

    item: str
    headers: Mapping[str, Any]
    raw: bytes
    payload: dict[str, Any]
    is_own: bool = False


class Drafting:
    """The drafts of one report."""

    def __init__(self, prepared: Prepared, arrival: Arrival, headers: Mapping[str, Any], sources: Sources) -> None:
        self.arrival = arrival
        self._prepared = prepared
        self._headers = headers
        self._sources = sources
        self._envelope_id = normalise_event_id(headers.get("event_id"))
        self._waiting: list[_Waiting] = []
        self._dumps: list[dict[str, Any] | None] = []

    @property
    def is_full(self) -> bool:
        """Whether this report holds as many events and words as are read at once; what comes then waits as failed."""
        return len(self._waiting) >= MOST_DRAFTS or sum(len(one.raw) for one in self._waiting) >= MOST_BYTES

    def add(self, headers: Mapping[str, Any], raw: bytes) -> None:
        """Add an item with an event or words; one that is not readable fails here."""
        try:
            self._waiting.append(_Waiting(str(headers["type"]), headers, raw, read_object(raw)))
        except UnreadableItem:
            is_first = not any(one.item == headers["type"] for one in self._waiting)
            self.fail_item(headers, raw, is_main=is_first)

    def add_own(self, payload: dict[str, Any], headers: Mapping[str, Any], raw: bytes) -> None:
        """Add an event that we made of something else, which came as `raw`."""
        self._waiting.append(_Waiting(EVENT, headers, raw, payload, is_own=True))

    def add_dump(self, facts: dict[str, Any] | None) -> None:
        """Add what a memory dump tells of the event; the first one counts."""
        self._dumps.append(facts)

    def fail_item(
        self, headers: Mapping[str, Any], raw: bytes, error: Exception | None = None, *, is_main: bool = False
    ) -> None:
        """Keep an item that could not be read, or processed because of `error`; a main one has the envelope's id."""
        content = Content(len(raw), hashlib.sha256(raw).hexdigest(), raw)
        reason = type(error).__name__ if error else NOT_READABLE
        reasons = (reason, NOT_PROCESSED if error else NOT_READABLE)
        self._fail(headers, content, self._sources.new_id(), reasons, is_main=is_main)

    def fail_unread(self, headers: Mapping[str, Any], content: Content, row_id: int) -> None:
        """Keep an item that was not read, as there are too many of its kind; it can be processed later."""
        self._fail(headers, content, row_id, (TOO_MANY, TOO_MANY))

    def _fail(
        self,
        headers: Mapping[str, Any],
        content: Content,
        row_id: int,
        reasons: tuple[str, str],
        *,
        is_main: bool = False,
    ) -> None:
        """Keep an item under the reason that people see and the one that is counted.

        When it is tried again it will be alone: the envelope's id is kept with it only if it is the one that has it.
        """
        said = {name: value for name, value in headers.items() if name != "length"}
        above = {name: value for name, value in self._headers.items() if is_main or name != "event_id"}
        self._prepared.fail(
            Failure(
                row_id=row_id,
                reason=reasons[0],
                content=content,
                counted_as=reasons[1],
                seen=seen.write({seen.known(str(headers["type"])): 1}),
                item=jsontext.write(said).decode("ascii"),
                envelope=jsontext.write(above).decode("ascii"),
            )
        )

    def finish(self) -> str | None:
        """Make the drafts; return the id to which files of this report belong, None when there is none."""
        if self._dumps:
            self._read_dump()
        for waiting in self._waiting:
            self._draft(waiting)
        self._join_words()
        return self._envelope_id or next((draft.id for draft in self._prepared.drafts), None)

    def _read_dump(self) -> None:
        for waiting in self._waiting:
            if waiting.item == EVENT:
                waiting.payload = with_facts(waiting.payload, self._dumps[0])
                waiting.raw = jsontext.write(waiting.payload)  # if a rule fails, what the dump tells is kept with it
                return

    def _draft(self, waiting: _Waiting) -> None:
        try:
            draft = Draft(waiting.item, self._id_of(waiting), self.arrival, waiting.payload, self.arrival.received_at)
            draft.category = item_type(str(waiting.headers["type"])).category
            process(draft).close()
            self._prepared.drafts.append(draft)
        except Exception as error:  # noqa: BLE001 - one item must not cost its neighbours
            _log.error("An item could not be processed: %s", type(error).__name__)
            self.fail_item(waiting.headers, waiting.raw, error, is_main=self._has_envelopes_id(waiting))

    def _id_of(self, waiting: _Waiting) -> str:
        """Return the envelope's id for its main item, else the item's own, else a fresh one.

        The main item is the event; beside one, feedback has an id of its own.
        """
        if waiting.is_own:
            return self._made_up_id()
        own, of_envelope = normalise_event_id(waiting.payload.get("event_id")), self._envelope_id
        return (of_envelope if self._has_envelopes_id(waiting) else None) or own or of_envelope or new_event_id()

    def _has_envelopes_id(self, waiting: _Waiting) -> bool:
        """Say whether this is the main item of its envelope, or words about it in the older form."""
        if waiting.is_own or waiting.item == USER_REPORT:
            return not waiting.is_own
        items = [other.item for other in self._waiting if not other.is_own]
        is_first = next(one for one in self._waiting if one.item == waiting.item and not one.is_own) is waiting
        return is_first and (waiting.item == EVENT or EVENT not in items)

    def _made_up_id(self) -> str:
        """Return an id for an event that has none: the same when the same envelope comes again."""
        if self._envelope_id is None:
            return new_event_id()
        place = len(self._prepared.drafts)
        return hashlib.sha256(f"{self._envelope_id}\0{place}".encode()).hexdigest()[:32]

    def _join_words(self) -> None:
        """Tie words that name no event to the event beside them."""
        drafts = self._prepared.drafts
        event_id = next((draft.id for draft in drafts if draft.item == EVENT), None)
        for draft in drafts:
            if event_id and draft.words and not draft.words.associated_event_id:
                draft.words = replace(draft.words, associated_event_id=event_id)

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

NOT_PROCESSED = "not_processed"

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

    def add(self, headers: Mapping[str, Any], raw: bytes) -> None:
        """Add an item with an event or words; one that is not readable fails here."""
        try:
            self._waiting.append(_Waiting(str(headers["type"]), headers, raw, read_object(raw)))
        except UnreadableItem:
            self.fail_item(headers, raw)

    def add_own(self, payload: dict[str, Any], headers: Mapping[str, Any], raw: bytes) -> None:
        """Add an event that we made of something else, which came as `raw`."""
        self._waiting.append(_Waiting(EVENT, headers, raw, payload, is_own=True))

    def add_dump(self, facts: dict[str, Any] | None) -> None:
        """Add what a memory dump tells of the event; the first one counts."""
        self._dumps.append(facts)

    def fail_item(self, headers: Mapping[str, Any], raw: bytes, error: Exception | None = None) -> None:
        """Keep an item that could not be read, or processed because of `error`."""
        content = Content(len(raw), hashlib.sha256(raw).hexdigest(), raw)
        said = {name: value for name, value in headers.items() if name != "length"}
        self._prepared.fail(
            Failure(
                row_id=self._sources.new_id(),
                reason=type(error).__name__ if error else NOT_READABLE,
                content=content,
                counted_as=NOT_PROCESSED if error else NOT_READABLE,
                seen=seen.write({seen.known(str(headers["type"])): 1}),
                item=jsontext.write(said).decode("ascii"),
                envelope=jsontext.write(dict(self._headers)).decode("ascii"),
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
            self.fail_item(waiting.headers, waiting.raw, error)

    def _id_of(self, waiting: _Waiting) -> str:
        """Return the envelope's id for its main item, else the item's own, else a fresh one.

        The main item is the event; beside one, feedback has an id of its own.
        """
        if waiting.is_own:
            return self._made_up_id()
        drafts, of_envelope = self._prepared.drafts, self._envelope_id
        own = normalise_event_id(waiting.payload.get("event_id"))
        if waiting.item == USER_REPORT:
            return of_envelope or own or new_event_id()
        is_first = not any(draft.item == waiting.item for draft in drafts)
        has_event = any(other.item == EVENT and not other.is_own for other in self._waiting)
        is_main = is_first and (waiting.item == EVENT or not has_event)
        return (of_envelope if is_main else None) or own or of_envelope or new_event_id()

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

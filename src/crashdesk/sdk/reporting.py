"""The way into the outbox: scrub, name the likeness, make the envelope, keep it, wake the agent."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from crashdesk import __version__
from crashdesk.outbox.facts import CONSENT
from crashdesk.outbox.store import NewReport, State
from crashdesk.protocol import foreign, withdrawal
from crashdesk.protocol.envelope import Envelope, Item, new_event_id, normalise_event_id
from crashdesk.protocol.event import EventView
from crashdesk.protocol.feedback import Feedback
from crashdesk.protocol.items import item_type
from crashdesk.protocol.likeness import likeness_key
from crashdesk.protocol.scrubbing import Scrubber
from crashdesk.sdk import completing, consent, guard, installation, sizes
from crashdesk.sdk.keeping import Keeper
from crashdesk.sdk.losses import NO_CONSENT, Losses
from crashdesk.sdk.options import Options

Event = dict[str, Any]

SDK_FACTS = {"name": "crashdesk.python", "version": __version__}
TITLE_CHARACTERS = 120
MOST_ATTACHMENTS_BYTES = 16_000_000
_EMPTY: tuple[Any, ...] = (None, "", {}, [])
_TEXT_TYPES = ("text/", "application/json", "application/xml")
_TEXT_ENDINGS = (".log", ".txt", ".json", ".ini", ".toml", ".yaml", ".yml", ".cfg", ".csv", ".xml")


@dataclass(frozen=True, slots=True)
class _Draft:
    """One report before it is put: what the row in the outbox says beside the envelope's bytes."""

    event_id: str
    kind: str
    category: str
    title: str
    likeness: str
    release: str = ""
    by_person: bool = False


class Reporter:
    """Takes complete events, feedback and foreign envelopes to the outbox."""

    def __init__(
        self, options: Options, keeper: Keeper, scrubber: Scrubber, losses: Losses, wake_agent: Callable[[], None]
    ) -> None:
        self._options = options
        self._losses = losses
        self._keeper = keeper
        self._scrubber = scrubber
        self._wake_agent = wake_agent

    def state(self) -> State | None:
        """In which state a report would be kept now; None when nothing may be stored."""
        return consent.state_for(self._options.consent, self._keeper.fact(CONSENT))

    def keep_event(self, event: Event, attachments: Iterable[Item] = (), dsn: str | None = None) -> str | None:
        """Store a complete event with its files; return its id, or None when nothing may be stored."""
        state = self.state()
        if state is None:
            return None
        event_id = normalise_event_id(event.get("event_id")) or new_event_id()
        secret = withdrawal.new_secret()
        digest = withdrawal.digest_of(secret)
        clean = self._clean_event(event, event_id, digest)
        view = EventView(clean)
        likeness = completing.about(clean)["likeness"]
        draft = _Draft(event_id, view.kind, "error", view.title(), likeness, view.release or "")
        items = [Item.from_json("event", clean), *self._clean_attachments(attachments)]
        self._put(draft, _envelope(event_id, items, digest), state, dsn, secret)
        return event_id

    def keep_feedback(self, item: Item, attachments: Iterable[Item] = (), dsn: str | None = None) -> str | None:
        """Store a person's words; name and address stay as they were given, all else is scrubbed like an event."""
        state = consent.state_for_feedback(self._options.consent)
        payload = item.json()
        event_id = normalise_event_id(payload.get("event_id")) or new_event_id()
        if state is None:
            return None
        secret = withdrawal.new_secret()
        digest = withdrawal.digest_of(secret)
        clean = {**self._clean_feedback(payload), "event_id": event_id}
        title = Feedback.from_event(clean).message.strip().partition("\n")[0][:TITLE_CHARACTERS] or "Feedback"
        words = Item.from_json("feedback", clean)
        draft = _Draft(event_id, "feedback", "feedback", title, "", str(payload.get("release") or ""), True)
        items = [words, *self._clean_attachments(attachments)]
        self._put(draft, _envelope(event_id, items, digest), state, dsn, secret)
        return event_id

    def keep_others(self, items: list[Item], dsn: str | None = None) -> None:
        """Store what sentry-sdk sends besides (sessions, logs, metrics): only with a consent that was given.

        Such items tell nothing a person could decide on one by one, so they never wait for a decision.
        """
        if self.state() is not State.READY:
            for item in items:
                self._losses.add(NO_CONSENT, item_type(item.type).category)
            return
        if not items:
            return
        event_id = new_event_id()
        kept = [
            Item.from_json(item.type, self._scrubber.value(item.json())) if _is_json(item) else item for item in items
        ]
        category = item_type(items[0].type).category
        draft = _Draft(event_id, items[0].type, category, items[0].type, "")
        self._put(draft, _envelope(event_id, kept), State.READY, dsn, None)

    def _clean_event(self, event: Event, event_id: str, digest: str) -> Event:
        present = {name: part for name, part in event.items() if part not in _EMPTY}
        clean: Event = {**sizes.fitted(self._scrubber.value(present)), "event_id": event_id, "sdk": SDK_FACTS}
        with guard.inside("number of the installation"):
            clean["user"] = installation.user_of(clean, self._keeper)
        completing.note(clean, product=self._options.product)
        completing.note(clean, likeness=likeness_key(clean), withdrawal_digest=digest)
        return clean

    def _clean_feedback(self, payload: Event) -> Event:
        clean: Event = self._scrubber.value(payload)
        given = foreign.mapping(foreign.mapping(payload.get("contexts")).get("feedback"))
        meant = {name: given[name] for name in ("contact_email", "name") if name in given}
        contexts = foreign.mapping(clean.get("contexts"))
        return {**clean, "contexts": {**contexts, "feedback": {**foreign.mapping(contexts.get("feedback")), **meant}}}

    def _clean_attachments(self, items: Iterable[Item]) -> list[Item]:
        """Scrub files that are text; leave out what would make the report too large to be sent."""
        kept, total = [], 0
        for item in items:
            payload = self._scrubbed_file(item)
            total += len(payload)
            if total <= MOST_ATTACHMENTS_BYTES:
                kept.append(Item({**item.headers, "length": len(payload)}, payload))
        return kept

    def _scrubbed_file(self, item: Item) -> bytes:
        kind = str(item.headers.get("content_type") or "")
        name = str(item.headers.get("filename") or "").lower()
        if not kind.startswith(_TEXT_TYPES) and not name.endswith(_TEXT_ENDINGS):
            return item.payload
        return self._scrubber.text(item.payload.decode("utf-8", "replace")).encode("utf-8", "replace")

    def _put(self, draft: _Draft, envelope: Envelope, state: State, dsn: str | None, secret: str | None) -> None:
        new = NewReport(
            event_id=draft.event_id,
            kind=draft.kind,
            category=draft.category,
            title=draft.title,
            likeness=draft.likeness,
            envelope=envelope.to_bytes(),
            dsn=dsn or str(self._options.dsn),
            state=state,
            withdrawal_secret=secret,
            product=self._options.product,
            release=draft.release or self._options.release or "",
            by_person=draft.by_person,
        )
        if self._keeper.put(new):
            with guard.inside("waking the agent"):
                self._wake_agent()


def _envelope(event_id: str, items: list[Item], digest: str | None = None) -> Envelope:
    headers: dict[str, Any] = {"event_id": event_id, "sdk": SDK_FACTS}
    return Envelope({**headers, "withdrawal_digest": digest} if digest else headers, items)


def _is_json(item: Item) -> bool:
    return item.payload[:1] in (b"{", b"[") and item.type != "attachment"

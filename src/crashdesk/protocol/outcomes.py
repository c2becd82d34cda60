"""Outcomes: what became of an item and why; the table of reasons, and the report in which a client tells its drops."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from crashdesk.protocol import foreign
from crashdesk.protocol.envelope import REASONS as _OF_ENVELOPES
from crashdesk.protocol.envelope import Item

MAX_DISCARDS = 1000


class Outcome(StrEnum):
    """What became of an item."""

    ACCEPTED = "accepted"
    FILTERED = "filtered"
    RATE_LIMITED = "rate_limited"
    INVALID = "invalid"
    CLIENT_DISCARD = "client_discard"


OUTCOMES: dict[Outcome, str] = {
    Outcome.ACCEPTED: "Stored.",
    Outcome.FILTERED: "Received and not kept, by a rule of this server or project.",
    Outcome.RATE_LIMITED: "Refused because too much came at once.",
    Outcome.INVALID: "Not readable or over a limit; its bytes are kept where that is possible.",
    Outcome.CLIENT_DISCARD: "Given up on the user's machine and never sent.",
}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an item had its outcome; the name is the same in tables, headers and pages."""

    name: str
    outcome: Outcome
    description: str


_FILTERED, _INVALID, _DISCARD = Outcome.FILTERED, Outcome.INVALID, Outcome.CLIENT_DISCARD

REASONS: tuple[Reason, ...] = (
    Reason("not_kept", _FILTERED, "This kind of item is counted and not kept."),
    Reason("duplicate", _FILTERED, "It was stored before: the first one stays."),
    Reason("superseded", _FILTERED, "A later state of the same run of the product had come before."),
    Reason("key_rate", Outcome.RATE_LIMITED, "The key sent more than its rate allows."),
    Reason("project_quota", Outcome.RATE_LIMITED, "The project sent more than its quota allows."),
    Reason("spike", Outcome.RATE_LIMITED, "The project suddenly sent far more than it usually does."),
    Reason("storage_full", Outcome.RATE_LIMITED, "The server could not store anything at that moment."),
    Reason("no_event", _INVALID, "A file came without saying to which event it belongs."),
    Reason("not_readable", _INVALID, "The payload is not JSON."),
    Reason("not_processed", _INVALID, "It was read, but a step of its processing failed."),
    Reason("too_large", _INVALID, "The item is larger than its kind may be."),
    Reason("too_many", _INVALID, "There were more of its kind in one envelope than are counted."),
    Reason("body_too_large", _INVALID, "The request was larger than allowed."),
    Reason("body_unpacks_too_large", _INVALID, "The request unpacked to more than is allowed."),
    Reason("body_too_slow", _INVALID, "The request did not come within the time allowed."),
    Reason("encoding_unknown", _INVALID, "The request was packed in a way that is not known here."),
    Reason("encoding_broken", _INVALID, "The request was not packed as it said."),
    Reason("encoding_truncated", _INVALID, "The packed request ended too early."),
    Reason("not_an_event", _INVALID, "The request was not one event."),
    Reason("not_a_security_report", _INVALID, "The request was no report of a browser."),
    Reason("form_broken", _INVALID, "The request was not the multipart form that it said it was."),
    Reason("form_truncated", _INVALID, "The multipart form ended too early."),
    Reason("form_without_boundary", _INVALID, "The request named no boundary of a multipart form."),
    *(Reason(name, _INVALID, text) for name, text in _OF_ENVELOPES.items() if name != "too_large"),
    Reason("by_person", _DISCARD, "The person chose not to send it."),
    Reason("consent", _DISCARD, "The person does not want reports to be sent."),
    Reason("queue_overflow", _DISCARD, "More reports waited than the outbox keeps."),
    Reason("cache_overflow", _DISCARD, "The reports that waited needed more space than the outbox may use."),
    Reason("expired", _DISCARD, "The report waited longer than the outbox keeps one."),
    Reason("before_send", _DISCARD, "The product's own check held it back."),
    Reason("event_processor", _DISCARD, "A processor in the client held it back."),
    Reason("sample_rate", _DISCARD, "The client sends only a share, and this one was not in it."),
    Reason("ratelimit_backoff", _DISCARD, "The client waited because of a rate limit and did not keep it."),
    Reason("network_error", _DISCARD, "The client could not reach the server and did not keep it."),
    Reason("send_error", _DISCARD, "The server refused it and the client did not keep it."),
    Reason("internal_sdk_error", _DISCARD, "The client failed while preparing it."),
    Reason("repeated", _DISCARD, "The same failure came so often in one run that it was only counted."),
)

_BY_NAME = {reason.name: reason for reason in REASONS}

OTHER = "other"  # in the place of a word that a client made up: anybody can post, and each new word is a row for ever
DISCARD_REASONS = frozenset(row.name for row in REASONS) | {
    "backpressure", "buffer_overflow", "buffer_overflow_log", "ignored", "insufficient_data", "invalid",
    "log_ring_buffer", "no_client", "offline", "sampled", "serialization_error", "user_feedback_disabled",
}  # fmt: skip


def describe(reason: str) -> str:
    """Return the sentence for a reason, an empty text for one that other clients made up."""
    known = _BY_NAME.get(reason)
    return known.description if known else ""


@dataclass(frozen=True, slots=True)
class Discard:
    """How many items of a category a client gave up for one reason."""

    reason: str
    category: str
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class ClientReport:
    """What a client gave up since its last report."""

    discarded: tuple[Discard, ...]
    at: datetime | None = None

    @classmethod
    def parse(cls, payload: Any) -> "ClientReport":
        """Read a client report; entries that are not readable are left out, a payload that is none is an empty one."""
        report = foreign.mapping(payload)
        entries = foreign.mappings(report.get("discarded_events"))[:MAX_DISCARDS]
        return cls(tuple(_discards(entries)), foreign.moment(report.get("timestamp")))

    def to_item(self) -> Item:
        """Build the item that tells the server."""
        discarded = [
            {"reason": entry.reason, "category": entry.category, "quantity": entry.quantity} for entry in self.discarded
        ]
        stamp = {} if self.at is None else {"timestamp": self.at.timestamp()}
        return Item.from_json("client_report", {**stamp, "discarded_events": discarded})


def _discards(entries: Iterable[Mapping[str, Any]]) -> Iterable[Discard]:
    for entry in entries:
        reason, category = foreign.text(entry.get("reason")), foreign.text(entry.get("category"))
        quantity = foreign.whole(entry.get("quantity", 1))
        if reason and category and quantity is not None and 0 < quantity < 2**53:
            yield Discard(reason, category, quantity)

"""Bytes to envelope: what a request's body must be; used at the door and again whenever the body is processed.

A route says how the decoded body reads: ``envelope``, or ``store`` for one event of an old client, which comes as JSON
or as base64 of zlib of JSON.
"""

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from crashdesk.protocol import jsontext
from crashdesk.protocol.envelope import (
    Envelope,
    EnvelopeError,
    EnvelopeLimits,
    EnvelopeParser,
    EnvelopeStart,
    Item,
    ItemData,
    ItemStart,
    new_event_id,
    normalise_event_id,
)
from crashdesk.protocol.items import ITEM_TYPES, item_type
from crashdesk.server.intake.encodings import DecodingLimits, RefusedBody, pieces

ENVELOPE, STORE = "envelope", "store"
_KEPT = tuple(row for row in ITEM_TYPES if row.kept)
_TOO_LARGE = frozenset({"too_large", "item_too_large", "header_too_large", "too_many_items"})


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """How large a body may be; `item_bytes` names item types that may be less than any item.

    What is not kept costs no disk, so it is never refused for the size of its kind.
    """

    decoding: DecodingLimits = field(default_factory=DecodingLimits)
    envelope: EnvelopeLimits = field(default_factory=EnvelopeLimits)
    store_bytes: int = item_type("event").max_bytes
    item_bytes: Mapping[str, int] = field(default_factory=lambda: {row.name: row.max_bytes for row in _KEPT})


LIMITS = BodyLimits()


@dataclass(frozen=True, slots=True)
class Framing:
    """What the door must know of a sound body: its envelope's id and the DSN it names, if any."""

    envelope_id: str | None
    dsn: str | None


def framing(route: str, body: bytes, encoding: str, limits: BodyLimits = LIMITS) -> Framing:
    """Check `body` without keeping what it unpacks to; raises RefusedBody with the reason and the status."""
    if route == STORE:
        envelope = to_envelope(STORE, decode(body, encoding, limits), limits=limits)
        return Framing(envelope.event_id, None)
    try:
        return _framing_of(pieces(body, encoding, limits.decoding), limits)
    except EnvelopeError as error:
        raise _refusal(error) from error


def decode(body: bytes, encoding: str, limits: BodyLimits = LIMITS) -> bytes:
    """Return the whole decoded body; raises RefusedBody."""
    return b"".join(pieces(body, encoding, limits.decoding))


def to_envelope(route: str, decoded: bytes, envelope_id: str | None = None, *, limits: BodyLimits = LIMITS) -> Envelope:
    """Return the envelope of a decoded body; an event of `store` gets `envelope_id`, else its own id or a fresh one.

    Raises RefusedBody.
    """
    try:
        return (
            _event_as_envelope(decoded, envelope_id, limits)
            if route == STORE
            else Envelope.parse(decoded, limits.envelope)
        )
    except EnvelopeError as error:
        raise _refusal(error) from error


def _framing_of(parts: Iterator[bytes], limits: BodyLimits) -> Framing:
    parser = EnvelopeParser(limits.envelope)
    headers: EnvelopeStart | None = None
    room, has_items = 0, False
    for part in _parsed(parser, parts):
        if isinstance(part, EnvelopeStart):
            headers = part
        elif isinstance(part, ItemStart):
            has_items, room = True, limits.item_bytes.get(part.headers["type"], limits.envelope.item_bytes)
        elif isinstance(part, ItemData):
            room -= len(part.data)
            if room < 0:
                raise EnvelopeError("item_too_large")
    if headers is None:
        raise EnvelopeError("not_an_envelope")
    if not has_items:
        Envelope.parse(headers.line, limits.envelope)  # tells headers alone from some other JSON
    dsn = headers.headers.get("dsn")
    return Framing(normalise_event_id(headers.headers.get("event_id")), dsn if isinstance(dsn, str) else None)


def _parsed(parser: EnvelopeParser, parts: Iterator[bytes]) -> Iterator[Any]:
    for part in parts:
        yield from parser.feed(part)
    yield from parser.close()


def _event_as_envelope(decoded: bytes, envelope_id: str | None, limits: BodyLimits) -> Envelope:
    event = _json_object(_without_base64(decoded.strip(), limits))
    event_id = envelope_id or normalise_event_id(event.get("event_id")) or new_event_id()
    return Envelope({"event_id": event_id}, [Item.from_json("event", {**event, "event_id": event_id})])


def _without_base64(text: bytes, limits: BodyLimits) -> bytes:
    """Return JSON as it is, and what old clients pack without saying so unpacked."""
    if not text.startswith(b"{"):
        try:
            packed = base64.b64decode(text, validate=True)
        except binascii.Error as error:
            raise RefusedBody("not_an_event") from error
        text = b"".join(pieces(packed, "deflate", limits.decoding))
    if len(text) > limits.store_bytes:
        raise RefusedBody("item_too_large", 413)
    return text


def _json_object(text: bytes) -> dict[str, Any]:
    try:
        event = jsontext.read_any_depth(text.decode("utf-8", "replace").encode())
    except ValueError as error:
        raise RefusedBody("not_an_event") from error
    if not isinstance(event, dict):
        raise RefusedBody("not_an_event")
    return event


def _refusal(error: EnvelopeError) -> RefusedBody:
    return RefusedBody(error.reason, 413 if error.reason in _TOO_LARGE else 400)

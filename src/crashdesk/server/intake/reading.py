"""Bytes to envelope: what a request's body must be; used at the door and again whenever the body is processed.

A route says how the decoded body reads: ``envelope``; ``store`` for one event of an old client, which comes as JSON or
as base64 of zlib of JSON; ``minidump`` for a form with a native crash; ``security`` for a browser's report.
"""

import base64
import binascii
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
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
from crashdesk.protocol.items import ITEM_TYPES, item_type, quantity
from crashdesk.server.intake import encodings, multipart, security
from crashdesk.server.intake.encodings import DecodingLimits, RefusedBody
from crashdesk.server.intake.incoming import Incoming
from crashdesk.server.intake.queue import NewIntake
from crashdesk.server.intake.seen import known
from crashdesk.server.intake.small import frame_of_small

ENVELOPE, STORE, MINIDUMP, SECURITY = "envelope", "store", "minidump", "security"
MOST_BYTES = 200_000_000  # of an envelope or a form, as it comes and unpacked: it streams
_KEPT = tuple(row for row in ITEM_TYPES if row.kept)
_TOO_LARGE = frozenset({"too_large", "item_too_large", "header_too_large", "too_many_items"})


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """How large a body may be; `item_bytes` names item types that may be less than any item.

    What is not kept costs no disk, so it is never refused for the size of its kind. What is read as one piece of JSON
    (`whole`) may be less than what streams.
    """

    decoding: DecodingLimits = field(default_factory=lambda: DecodingLimits(MOST_BYTES, MOST_BYTES))
    whole: DecodingLimits = field(default_factory=lambda: DecodingLimits(20_000_000, 20_000_000))
    envelope: EnvelopeLimits = field(default_factory=lambda: EnvelopeLimits(envelope_bytes=MOST_BYTES))
    store_bytes: int = item_type("event").max_bytes
    item_bytes: Mapping[str, int] = field(default_factory=lambda: {row.name: row.max_bytes for row in _KEPT})

    def of(self, route: str) -> DecodingLimits:
        return self.whole if route in {STORE, SECURITY} else self.decoding


LIMITS = BodyLimits()


@dataclass(frozen=True, slots=True)
class Source:
    """A body as it came, in chunks, and what the request said of it."""

    chunks: Iterable[bytes]
    size: int
    encoding: str
    content_type: str = ""

    def pieces(self, limits: DecodingLimits) -> Iterator[bytes]:
        """Yield the decoded body; raises RefusedBody."""
        return encodings.decoded(self.chunks, self.size, self.encoding, limits)


@dataclass(frozen=True, slots=True)
class Framing:
    """What the door must know of a body: its envelope's id, the DSN it names, and how many items of which type."""

    envelope_id: str | None
    dsn: str | None
    counts: dict[str, int] = field(default_factory=dict)


def source_of(row: NewIntake, incoming: Incoming) -> Source:
    """Return an accepted body, wherever it lies; reading it raises StorageError when its file cannot be read."""
    if not row.body_file:
        return Source((row.body,), len(row.body), row.encoding, row.content_type)
    return Source(incoming.pieces(row.body_file), incoming.size(row.body_file), row.encoding, row.content_type)


def framing(route: str, body: bytes, encoding: str, limits: BodyLimits = LIMITS) -> Framing:
    """Check `body` without keeping what it unpacks to; raises RefusedBody with the reason and the status."""
    return framing_of(route, Source((body,), len(body), encoding), limits)


def framing_of(route: str, source: Source, limits: BodyLimits = LIMITS) -> Framing:
    """Check the body of `source` in one pass, piece by piece; raises RefusedBody with the reason and the status."""
    try:
        return _FRAMINGS[route](source, limits)
    except EnvelopeError as error:
        raise _refusal(error) from error


def framing_at_once(route: str, source: Source, limits: BodyLimits = LIMITS) -> Framing | None:
    """Check a small body; None for one that may take so long that it should be checked beside everything else.

    What counts is not how small it came, but what it unpacks to. Raises RefusedBody.
    """
    if route == MINIDUMP:
        return None
    pieces = source.pieces(limits.of(route))
    first = next(pieces, b"")
    if next(pieces, None) is not None or (route == STORE and not first.lstrip().startswith(b"{")):
        return None
    small = frame_of_small(first, limits.item_bytes, limits.envelope.items) if route == ENVELOPE else None
    return _from_headers(*small) if small else framing_of(route, Source((first,), len(first), ""), limits)


def _envelope_framing(source: Source, limits: BodyLimits) -> Framing:
    return _framing_of(source.pieces(limits.decoding), limits)


def _store_framing(source: Source, limits: BodyLimits) -> Framing:
    envelope = to_envelope(STORE, b"".join(source.pieces(limits.whole)), limits=limits)
    return Framing(envelope.event_id, None, {"event": 1})


def _minidump_framing(source: Source, limits: BodyLimits) -> Framing:
    """Count the files of a native crash; a form that is broken is a crash all the same, and kept as it came.

    Who sends these keeps a refused one and sends it again for ever.
    """
    counts: Counter[str] = Counter(event=1)
    try:
        for part in multipart.parts(source.pieces(limits.decoding), source.content_type):
            if isinstance(part, multipart.PartStart) and part.is_attachment:
                counts["attachment"] += 1
    except RefusedBody as error:
        if error.reason == "body_too_large":
            raise
        counts = Counter(event=1)
    return Framing(new_event_id(), None, dict(counts))


def _security_framing(source: Source, limits: BodyLimits) -> Framing:
    reports = security.security_reports(b"".join(source.pieces(limits.whole)))
    return Framing(None, None, dict(Counter(map(security.item_of, reports))))


_FRAMINGS = {
    ENVELOPE: _envelope_framing,
    STORE: _store_framing,
    MINIDUMP: _minidump_framing,
    SECURITY: _security_framing,
}


def decode(body: bytes, encoding: str, limits: BodyLimits = LIMITS) -> bytes:
    """Return the whole decoded body; raises RefusedBody."""
    return b"".join(encodings.pieces(body, encoding, limits.decoding))


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


def _framing_of(parts: Iterable[bytes], limits: BodyLimits) -> Framing:
    parser = EnvelopeParser(limits.envelope)
    headers: EnvelopeStart | None = None
    room = 0
    counts: dict[str, int] = {}
    try:
        for part in _parsed(parser, parts):
            if isinstance(part, EnvelopeStart):
                headers = part
            elif isinstance(part, ItemStart):
                name = part.headers["type"]
                room = limits.item_bytes.get(name, limits.envelope.item_bytes)
                name = known(name)
                counts[name] = counts.get(name, 0) + quantity(name, part.headers)
            elif isinstance(part, ItemData):
                room -= len(part.data)
                if room < 0:
                    raise EnvelopeError("item_too_large")  # noqa: TRY301 - handled with what the parser raises
    except (EnvelopeError, RefusedBody) as error:
        refusal = _refusal(error) if isinstance(error, EnvelopeError) else error
        refusal.dsn = _dsn_of(headers.headers) if headers else None  # its sender may stand nowhere else
        raise refusal from error
    if headers is None:
        raise EnvelopeError("not_an_envelope")
    if not counts:
        Envelope.parse(headers.line, limits.envelope)  # tells headers alone from some other JSON
    return _from_headers(headers.headers, counts)


def _from_headers(headers: dict[str, Any], counts: dict[str, int]) -> Framing:
    return Framing(normalise_event_id(headers.get("event_id")), _dsn_of(headers), counts)


def _dsn_of(headers: Mapping[str, Any]) -> str | None:
    dsn = headers.get("dsn")
    return dsn if isinstance(dsn, str) else None


def _parsed(parser: EnvelopeParser, parts: Iterable[bytes]) -> Iterator[Any]:
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
        text = b"".join(encodings.pieces(packed, "deflate", limits.whole))
    if len(text) > limits.store_bytes:
        raise RefusedBody("item_too_large", 413)
    return text


def _json_object(text: bytes) -> dict[str, Any]:
    try:
        event = jsontext.read_any_depth(jsontext.bounded(text.decode("utf-8", "replace").encode()))
    except ValueError as error:
        raise RefusedBody("not_an_event") from error
    if not isinstance(event, dict):
        raise RefusedBody("not_an_event")
    return event


def _refusal(error: EnvelopeError) -> RefusedBody:
    return RefusedBody(error.reason, 413 if error.reason in _TOO_LARGE else 400)

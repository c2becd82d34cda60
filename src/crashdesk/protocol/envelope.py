"""Envelope and Item: what travels between SDK, agent and server, read within limits and written byte for byte.

What was read and not changed is written with the very bytes it came with; a changed header or item is written anew, its
neighbours stay. ``EnvelopeParser`` below it streams the same format for callers who keep large items on disk.
"""

import os
import re
from dataclasses import dataclass, field
from typing import Any

from crashdesk.protocol import jsontext
from crashdesk.protocol.framing import (
    DEFAULT_LIMITS,
    REASONS,
    EnvelopeError,
    EnvelopeLimits,
    EnvelopeParser,
    EnvelopeStart,
    ItemData,
    ItemEnd,
    ItemStart,
    Part,
)

__all__ = [
    "DEFAULT_LIMITS",
    "REASONS",
    "Envelope",
    "EnvelopeError",
    "EnvelopeLimits",
    "EnvelopeParser",
    "EnvelopeStart",
    "Item",
    "ItemData",
    "ItemEnd",
    "ItemStart",
    "Part",
    "new_event_id",
    "normalise_event_id",
]

_EVENT_ID = re.compile(r"[0-9a-f]{32}")

# A client that posts a bare event (or some other JSON) to the envelope address sends one JSON object and no items,
# which would pass for an envelope of headers only.
_HEADERS_OF_ENVELOPES = frozenset({"event_id", "sent_at", "sdk", "trace", "dsn", "withdrawal_digest"})
_KEYS_OF_EVENTS = frozenset(
    {"exception", "message", "logentry", "level", "platform", "culprit", "breadcrumbs", "contexts", "modules", "extra",
     "tags", "timestamp", "request", "user", "logger", "sentry.interfaces.Exception"}
)  # fmt: skip


def new_event_id() -> str:
    """Return a fresh random id: 32 hex digits of a version 4 UUID."""
    number = int.from_bytes(os.urandom(16), "big")
    number = number & ~(0xF << 76) & ~(0x3 << 62) | (0x4 << 76) | (0x2 << 62)
    return f"{number:032x}"


def normalise_event_id(value: object) -> str | None:
    """Return an event id as 32 hex digits, whether it came with dashes or capitals; None for anything else."""
    if not isinstance(value, str):
        return None
    text = value.strip().replace("-", "").lower()
    return text if _EVENT_ID.fullmatch(text) else None


@dataclass(slots=True)
class Item:
    """One typed part of an envelope: the JSON object of its header line, and its payload."""

    headers: dict[str, Any]
    payload: bytes = b""
    _line: bytes = field(default=b"", repr=False, compare=False)
    _before: bytes = field(default=b"", repr=False, compare=False)
    _newline: bytes = field(default=b"\n", repr=False, compare=False)

    @classmethod
    def from_json(cls, item_type: str, value: Any, **headers: Any) -> "Item":
        """Build an item whose payload is JSON."""
        return cls({"type": item_type, "content_type": "application/json", **headers}, jsontext.write(value))

    @classmethod
    def attachment(
        cls,
        filename: str,
        data: bytes,
        content_type: str = "application/octet-stream",
        attachment_type: str | None = None,
    ) -> "Item":
        """Build an item that carries a file."""
        headers: dict[str, Any] = {"type": "attachment", "filename": filename, "content_type": content_type}
        if attachment_type is not None:
            headers["attachment_type"] = attachment_type
        return cls(headers, data)

    @property
    def type(self) -> str:
        return str(self.headers.get("type", ""))

    def json(self) -> Any:
        """Return the payload as a JSON value; raises EnvelopeError (item_not_json)."""
        try:
            return jsontext.read(self.payload)
        except ValueError as error:
            raise EnvelopeError("item_not_json") from error

    def to_bytes(self, *, is_last: bool = False) -> bytes:
        """Return header line, payload and newline; only the last item of an envelope may lack the newline."""
        line, newline = self._header_line(), self._newline
        if not is_last:
            line, newline = line.removesuffix(b"\n") + b"\n", b"\n"
        return b"".join((self._before, line, self.payload, newline))

    def _header_line(self) -> bytes:
        if self._line and _still_says(self._line, self.headers) and self._still_fits():
            return self._line
        return jsontext.write({**self.headers, "length": len(self.payload)}) + b"\n"

    def _still_fits(self) -> bool:
        length = self.headers.get("length")
        if length is None:
            return b"\n" not in self.payload
        return bool(length == len(self.payload)) and (self._line.endswith(b"\n") or not self.payload)


@dataclass(slots=True)
class Envelope:
    """One report on the wire: headers and items; change them in place and write it again."""

    headers: dict[str, Any]
    items: list[Item] = field(default_factory=list)
    _line: bytes = field(default=b"", repr=False, compare=False)
    _trailing: bytes = field(default=b"", repr=False, compare=False)

    @classmethod
    def parse(cls, data: bytes, limits: EnvelopeLimits = DEFAULT_LIMITS) -> "Envelope":
        """Read a whole envelope; raises EnvelopeError whose reason says what is wrong with it."""
        parser = EnvelopeParser(limits)
        envelope = cls({})
        pieces: list[bytes] = []
        for part in (*parser.feed(data), *parser.close()):
            if isinstance(part, EnvelopeStart):
                envelope.headers, envelope._line = part.headers, part.line
            elif isinstance(part, ItemStart):
                envelope.items.append(Item(part.headers, _line=part.line, _before=part.before))
            elif isinstance(part, ItemData):
                pieces.append(part.data)
            else:
                item = envelope.items[-1]
                item.payload, item._newline = b"".join(pieces), part.newline  # noqa: SLF001 - its own reader
                pieces.clear()
        envelope._trailing = parser.trailing
        if not envelope.items and _is_other_json(envelope.headers):
            raise EnvelopeError("not_an_envelope")
        return envelope

    @property
    def event_id(self) -> str | None:
        """The envelope's id as 32 hex digits, or None when its headers have none."""
        return normalise_event_id(self.headers.get("event_id"))

    def to_bytes(self) -> bytes:
        """Return the envelope as it travels; what was read and not changed keeps its bytes."""
        is_unchanged = bool(self._line) and _still_says(self._line, self.headers)
        line = self._line if is_unchanged else jsontext.write(self.headers) + b"\n"
        if self.items:
            line = line.removesuffix(b"\n") + b"\n"
        pieces = [item.to_bytes(is_last=item is self.items[-1]) for item in self.items]
        return b"".join((line, *pieces, self._trailing))


def _still_says(line: bytes, headers: dict[str, Any]) -> bool:
    return jsontext.write(jsontext.read(line)) == jsontext.write(headers)


def _is_other_json(headers: dict[str, Any]) -> bool:
    keys = headers.keys()
    return bool(keys) and (not keys & _HEADERS_OF_ENVELOPES or bool(keys & _KEYS_OF_EVENTS))

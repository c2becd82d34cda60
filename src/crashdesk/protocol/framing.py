"""The frames of an envelope: a push parser that holds no more than one header line, whatever is fed to it.

A line of headers, then for each item a line of headers and a payload with a newline behind it. Header lines are JSON
objects; a payload has the `length` of its header or ends with its line; the last newline may be missing, empty lines
between items are passed over.
"""

import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from crashdesk.errors import CrashdeskError
from crashdesk.protocol import jsontext

REASONS: dict[str, str] = {
    "not_an_envelope": "The body is not an envelope: its first line is not the JSON object of an envelope's headers.",
    "header_not_json": "The envelope's header line is not a JSON object.",
    "header_too_large": "A header line of the envelope is longer than allowed.",
    "item_header_not_json": "The header line of an item is not a JSON object.",
    "item_type_missing": "An item has no type in its header line.",
    "item_length_wrong": "The length in the header line of an item is not a whole number from 0 up.",
    "item_truncated": "The envelope ends before the length that an item announces.",
    "item_too_large": "An item is larger than allowed.",
    "item_not_json": "The payload of an item is not JSON.",
    "missing_newline": "An item goes on after the length that its header line announces.",
    "too_large": "The envelope is larger than allowed.",
    "too_many_items": "The envelope holds more items than allowed.",
}


_EMPTY_LINES = re.compile(rb"\n+")


class EnvelopeError(CrashdeskError):
    """The bytes are not an envelope within limits; `reason` is one of the words in REASONS."""

    def __init__(self, reason: str) -> None:
        super().__init__(REASONS[reason])
        self.reason = reason


@dataclass(frozen=True, slots=True)
class EnvelopeLimits:
    """How large an unpacked envelope, its header lines and its items may be, and how many items it may hold."""

    envelope_bytes: int = 100_000_000
    header_bytes: int = 64 * 1024
    item_bytes: int = 100_000_000
    items: int = 1000


DEFAULT_LIMITS = EnvelopeLimits()


@dataclass(frozen=True, slots=True)
class EnvelopeStart:
    """The envelope's headers, and the line they were read from with its newline."""

    headers: dict[str, Any]
    line: bytes


@dataclass(frozen=True, slots=True)
class ItemStart:
    """An item's headers, the line they were read from, and the empty lines passed over before it."""

    headers: dict[str, Any]
    line: bytes
    before: bytes


@dataclass(frozen=True, slots=True)
class ItemData:
    """A piece of the payload of the item that started last."""

    data: bytes


@dataclass(frozen=True, slots=True)
class ItemEnd:
    """The item is complete; `newline` is what followed its payload: a newline or nothing."""

    newline: bytes


Part = EnvelopeStart | ItemStart | ItemData | ItemEnd


class _State(Enum):
    """What the next byte belongs to."""

    ENVELOPE_HEADER = auto()
    ITEM_HEADER = auto()
    SIZED_PAYLOAD = auto()
    NEWLINE_AFTER_PAYLOAD = auto()
    PAYLOAD_LINE = auto()


class EnvelopeParser:
    """Reads an envelope piece by piece: iterate what ``feed`` returns to its end, at last what ``close`` returns."""

    def __init__(self, limits: EnvelopeLimits = DEFAULT_LIMITS) -> None:
        self._limits = limits
        self._state = _State.ENVELOPE_HEADER
        self._line = bytearray()
        self._before = bytearray()
        self._empty_bytes = 0
        self._seen_bytes = 0
        self._items = 0
        self._left_bytes = 0
        self._steps = {
            _State.ENVELOPE_HEADER: self._envelope_header,
            _State.ITEM_HEADER: self._item_header,
            _State.SIZED_PAYLOAD: self._sized_payload,
            _State.NEWLINE_AFTER_PAYLOAD: self._newline_after_payload,
            _State.PAYLOAD_LINE: self._payload_line,
        }

    @property
    def trailing(self) -> bytes:
        """Empty lines after the last item, so that a writer can repeat them."""
        return bytes(self._before)

    def feed(self, chunk: bytes) -> Iterator[Part]:
        """Yield the parts that `chunk` completes; raises EnvelopeError."""
        self._seen_bytes += len(chunk)
        if self._seen_bytes > self._limits.envelope_bytes:
            raise EnvelopeError("too_large")
        position = 0
        while position < len(chunk):
            position = yield from self._steps[self._state](chunk, position)

    def close(self) -> Iterator[Part]:
        """Yield what the end of the input completes; raises EnvelopeError when it comes too early."""
        if self._state is _State.ENVELOPE_HEADER:
            yield self._envelope_started()
        if self._state is _State.ITEM_HEADER:
            if self._passed_over():
                return
            yield self._item_started()
        if self._state is _State.SIZED_PAYLOAD:
            raise EnvelopeError("item_truncated")
        self._state = _State.ITEM_HEADER
        yield ItemEnd(b"")

    def _envelope_header(self, chunk: bytes, position: int) -> Generator[Part, None, int]:
        if not self._line and chunk[position] not in b"{ \t":
            raise EnvelopeError("not_an_envelope")
        position = self._take_line(chunk, position)
        if self._line.endswith(b"\n"):
            yield self._envelope_started()
        return position

    def _item_header(self, chunk: bytes, position: int) -> Generator[Part, None, int]:
        if not self._line and (empty := _EMPTY_LINES.match(chunk, position)):
            self._line += empty.group()
            self._passed_over()
            return empty.end()
        position = self._take_line(chunk, position)
        if self._line.endswith(b"\n") and not self._passed_over():
            yield self._item_started()
        return position

    def _sized_payload(self, chunk: bytes, position: int) -> Generator[Part, None, int]:
        end = min(len(chunk), position + self._left_bytes)
        yield ItemData(chunk[position:end])
        self._left_bytes -= end - position
        if not self._left_bytes:
            self._state = _State.NEWLINE_AFTER_PAYLOAD
        return end

    def _newline_after_payload(self, chunk: bytes, position: int) -> Generator[Part, None, int]:
        if chunk[position] != 0x0A:
            raise EnvelopeError("missing_newline")
        self._state = _State.ITEM_HEADER
        yield ItemEnd(b"\n")
        return position + 1

    def _payload_line(self, chunk: bytes, position: int) -> Generator[Part, None, int]:
        found = chunk.find(b"\n", position)
        end = len(chunk) if found < 0 else found
        self._left_bytes -= end - position
        if self._left_bytes < 0:
            raise EnvelopeError("item_too_large")
        if end > position:
            yield ItemData(chunk[position:end])
        if found < 0:
            return end
        self._state = _State.ITEM_HEADER
        yield ItemEnd(b"\n")
        return end + 1

    def _take_line(self, chunk: bytes, position: int) -> int:
        """Move bytes up to and with the next newline into the pending line; return the position behind them."""
        found = chunk.find(b"\n", position)
        end = len(chunk) if found < 0 else found + 1
        if len(self._line) + end - position > self._limits.header_bytes:
            raise EnvelopeError("header_too_large")
        self._line += chunk[position:end]
        return end

    def _passed_over(self) -> bool:
        """Say whether the pending line is empty, and if so put it aside."""
        if self._line.strip():
            return False
        self._empty_bytes += len(self._line)
        if self._empty_bytes > self._limits.header_bytes:
            raise EnvelopeError("header_too_large")
        self._before += self._line
        self._line.clear()
        return True

    def _envelope_started(self) -> EnvelopeStart:
        if not self._line.strip():
            raise EnvelopeError("not_an_envelope")
        headers, line = self._headers("header_not_json")
        self._state = _State.ITEM_HEADER
        return EnvelopeStart(headers, line)

    def _item_started(self) -> ItemStart:
        self._items += 1
        if self._items > self._limits.items:
            raise EnvelopeError("too_many_items")
        headers, line = self._headers("item_header_not_json")
        if not isinstance(headers.get("type"), str) or not headers["type"]:
            raise EnvelopeError("item_type_missing")
        self._expect_payload(headers.get("length"))
        before = bytes(self._before)
        self._before.clear()
        return ItemStart(headers, line, before)

    def _headers(self, reason: str) -> tuple[dict[str, Any], bytes]:
        line = bytes(self._line)
        self._line.clear()
        try:
            headers = jsontext.read(line)
        except ValueError as error:
            raise EnvelopeError(reason) from error
        if not isinstance(headers, dict):
            raise EnvelopeError(reason)
        return headers, line

    def _expect_payload(self, length: Any) -> None:
        if length is None:
            self._left_bytes = self._limits.item_bytes
            self._state = _State.PAYLOAD_LINE
            return
        if not isinstance(length, int) or isinstance(length, bool) or length < 0:
            raise EnvelopeError("item_length_wrong")
        if length > self._limits.item_bytes:
            raise EnvelopeError("item_too_large")
        self._left_bytes = length
        self._state = _State.SIZED_PAYLOAD if length else _State.NEWLINE_AFTER_PAYLOAD

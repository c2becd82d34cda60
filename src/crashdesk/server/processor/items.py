"""The items of a decoded body one after the other, each payload as a stream that is read before the next begins."""

from collections.abc import Iterable, Iterator
from typing import Any

from crashdesk.protocol.envelope import (
    Envelope,
    EnvelopeError,
    EnvelopeParser,
    EnvelopeStart,
    ItemData,
    ItemEnd,
    ItemStart,
    Part,
)
from crashdesk.server.intake.encodings import RefusedBody
from crashdesk.server.intake.reading import LIMITS


class TooLarge(Exception):  # noqa: N818 - named for what it says
    """An item that is larger than its kind may be."""


class Incoming:
    """One item: the object of its header line, and its payload, which can be read once."""

    def __init__(self, headers: dict[str, Any], payload: Iterator[bytes]) -> None:
        self.headers = headers
        self.payload = payload

    @property
    def type(self) -> str:
        return str(self.headers.get("type", ""))

    def read(self, most_bytes: int) -> bytes:
        """Return the whole payload; raises TooLarge, then nothing of it is kept."""
        found: list[bytes] = []
        for piece in self.payload:
            found.append(piece)
            most_bytes -= len(piece)
            if most_bytes < 0:
                self.skip()
                raise TooLarge
        return found[0] if len(found) == 1 else b"".join(found)

    def skip(self) -> int:
        """Read to the end of the payload; return how many bytes there were."""
        return sum(map(len, self.payload))


class EnvelopeItems:
    """An envelope as a stream: `headers` are there once the first item is asked for, or the end has come."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self.headers: dict[str, Any] = {}
        self.decoded_bytes = 0
        self._parts = self._parsed(pieces)

    @classmethod
    def of(cls, envelope: Envelope) -> "EnvelopeItems":
        """Return an envelope that is in memory in the same form."""
        found = cls(())
        found.headers = envelope.headers
        found._parts = _parts_of(envelope)
        return found

    def __iter__(self) -> Iterator[Incoming]:
        """Yield the items; raises RefusedBody at the first thing that makes the bytes no envelope."""
        for part in self._parts:
            if isinstance(part, ItemStart):
                item = Incoming(part.headers, self._payload())
                yield item
                item.skip()

    def _payload(self) -> Iterator[bytes]:
        for part in self._parts:
            if isinstance(part, ItemEnd):
                return
            if isinstance(part, ItemData):
                self.decoded_bytes += len(part.data)
                yield part.data

    def _parsed(self, pieces: Iterable[bytes]) -> Iterator[Part]:
        parser = EnvelopeParser(LIMITS.envelope)
        start: EnvelopeStart | None = None
        has_items = False
        try:
            for part in _all_parts(parser, pieces):
                if isinstance(part, EnvelopeStart):
                    start, self.headers = part, part.headers
                has_items = has_items or isinstance(part, ItemStart)
                yield part
            if start is not None and not has_items:
                Envelope.parse(start.line, LIMITS.envelope)  # tells headers alone from some other JSON
        except EnvelopeError as error:
            raise RefusedBody(error.reason) from error


def _all_parts(parser: EnvelopeParser, pieces: Iterable[bytes]) -> Iterator[Part]:
    for piece in pieces:
        yield from parser.feed(piece)
    yield from parser.close()


def _parts_of(envelope: Envelope) -> Iterator[Part]:
    for item in envelope.items:
        yield ItemStart(item.headers, b"", b"")
        yield ItemData(item.payload)
        yield ItemEnd(b"\n")

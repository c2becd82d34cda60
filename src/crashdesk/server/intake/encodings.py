"""Content encodings as streams with caps on output and ratio: gzip, deflate (zlib and raw), br, zstd, identity."""

import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import brotli
import zstandard

_inflate: Any = zlib
with suppress(ImportError):  # machines without a wheel are slower, otherwise the same
    from isal import isal_zlib as _inflate

PIECE_BYTES = 64 * 1024
RATIO_COUNTS_FROM_BYTES = 8 * 1024 * 1024  # below this any ratio is honest: empty pages, repeated text
MAX_RATIO = 200
ZSTD_WINDOW_BYTES = 8 * 1024 * 1024  # what every zstd decoder must support; larger ones are a demand for our memory
MOST_MEMBERS = 10_000  # or frames of one body: each costs time, though it may hold nothing
_SLICE_BYTES = 16 * 1024
_GZIP_MAGIC = b"\x1f\x8b"
_ZSTD_SLICE_BYTES = 256


@dataclass(frozen=True, slots=True)
class DecodingLimits:
    """How large a body may be as it came and unpacked."""

    input_bytes: int = 200_000_000
    output_bytes: int = 200_000_000


class RefusedBody(Exception):  # noqa: N818 - named for what it says; it is an answer, not a failure of ours
    """A body that is not taken: `reason` is the word for it, `status` the HTTP status that says so.

    `dsn` is what the envelope's header names, if it came so far.
    """

    def __init__(self, reason: str, status: int = 400) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status
        self.dsn: str | None = None


def pieces(body: bytes, encoding: str, limits: DecodingLimits) -> Iterator[bytes]:
    """Yield the decoded body in pieces of at most PIECE_BYTES; raises RefusedBody at the first thing wrong."""
    return decoded((body,), len(body), encoding, limits)


def decoded(chunks: Iterable[bytes], size: int, encoding: str, limits: DecodingLimits) -> Iterator[bytes]:
    """Yield the same of a body of `size` bytes that comes in chunks; never more than a few pieces are held."""
    decoder = _DECODERS.get(encoding.strip().lower())
    if decoder is None:
        raise RefusedBody("encoding_unknown", 415)
    if size > limits.input_bytes:
        raise RefusedBody("body_too_large", 413)
    most = min(limits.output_bytes, max(RATIO_COUNTS_FROM_BYTES, MAX_RATIO * size))
    produced = 0
    for piece in decoder(_Source(chunks)):
        produced += len(piece)
        if produced > most:
            raise RefusedBody("body_unpacks_too_large", 413)
        yield piece


class _Source:
    """A body as it came: taken in slices; what a decoder left unread goes back."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._chunk = b""
        self._position = 0

    def take(self, most: int) -> bytes:
        """Return up to `most` of the next bytes, none only at the end."""
        while self._position >= len(self._chunk):
            chunk = next(self._chunks, None)
            if chunk is None:
                return b""
            self._chunk, self._position = chunk, 0
        taken = self._chunk[self._position : self._position + most]
        self._position += len(taken)
        return taken

    def put_back(self, rest: bytes) -> None:
        """Give back the end of what was taken."""
        if len(rest) <= self._position:
            self._position -= len(rest)
        else:  # it began in an earlier chunk
            self._chunk, self._position = rest + self._chunk[self._position :], 0


def _identity(source: _Source) -> Iterator[bytes]:
    while piece := source.take(PIECE_BYTES):
        yield piece


def _gzip(source: _Source) -> Iterator[bytes]:
    """Unpack one gzip member after the other; bytes behind them that are no member are left alone."""
    for _ in range(MOST_MEMBERS):
        yield from _inflated(source, 16 + zlib.MAX_WBITS)
        following = source.take(1)
        following += source.take(1)
        if following != _GZIP_MAGIC:
            return
        source.put_back(following)
    raise RefusedBody("encoding_broken")


def _deflate(source: _Source) -> Iterator[bytes]:
    start = source.take(1)
    start += source.take(1)
    source.put_back(start)
    yield from _inflated(source, zlib.MAX_WBITS if _has_zlib_header(start) else -zlib.MAX_WBITS)


def _has_zlib_header(start: bytes) -> bool:
    return len(start) == 2 and start[0] & 0x0F == 8 and int.from_bytes(start, "big") % 31 == 0


def _inflated(source: _Source, window: int) -> Iterator[bytes]:
    """Yield what the deflate stream at the source's position unpacks to; what lies behind it stays there.

    The decoder is fed in slices: it copies what it leaves unread, and of a whole body it would do so again and again.
    """
    decoder = _inflate.decompressobj(window)
    try:
        while not decoder.eof:
            waiting = decoder.unconsumed_tail or source.take(_SLICE_BYTES)
            piece = decoder.decompress(waiting, PIECE_BYTES)
            if piece:
                yield piece
            elif not waiting and not decoder.eof:
                raise RefusedBody("encoding_truncated")
    except _inflate.error as error:
        raise RefusedBody("encoding_broken") from error
    source.put_back(decoder.unused_data)


def _brotli(source: _Source) -> Iterator[bytes]:
    decoder = brotli.Decompressor()
    try:
        while not decoder.is_finished():
            waiting = source.take(_SLICE_BYTES) if decoder.can_accept_more_data() else b""
            piece = decoder.process(waiting, output_buffer_limit=PIECE_BYTES)
            if not piece and not waiting and not decoder.is_finished():
                raise RefusedBody("encoding_truncated")
            yield from _cut(piece)  # the limit is a wish: a piece may be somewhat larger
    except brotli.error as error:
        raise RefusedBody("encoding_broken") from error


def _cut(piece: bytes) -> Iterator[bytes]:
    for start in range(0, len(piece), PIECE_BYTES):
        yield piece[start : start + PIECE_BYTES]


def _zstd(source: _Source) -> Iterator[bytes]:
    """Unpack one zstd frame after the other, fed in slices: a slice of 256 bytes unpacks to 8 MiB at the most."""
    decoder, frames = _zstd_decoder(), 1
    try:
        while waiting := source.take(_ZSTD_SLICE_BYTES):
            while waiting:
                if decoder.eof:
                    decoder, frames = _zstd_decoder(), frames + 1
                if frames > MOST_MEMBERS:
                    raise RefusedBody("encoding_broken")
                yield from _cut(decoder.decompress(waiting))
                waiting = decoder.unused_data if decoder.eof else b""
    except zstandard.ZstdError as error:
        raise RefusedBody("encoding_broken") from error
    if not decoder.eof:
        raise RefusedBody("encoding_truncated")


def _zstd_decoder() -> Any:
    return zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW_BYTES).decompressobj()


_DECODERS: dict[str, Callable[[_Source], Iterator[bytes]]] = {
    "": _identity,
    "identity": _identity,
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}

"""Content encodings as streams with caps on output and ratio: gzip, deflate (zlib and raw), br, zstd, identity."""

import zlib
from collections.abc import Callable, Generator, Iterator
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
_ZSTD_SLICE_BYTES = 256


@dataclass(frozen=True, slots=True)
class DecodingLimits:
    """How large a body may be as it came and unpacked."""

    input_bytes: int = 20_000_000
    output_bytes: int = 100_000_000


class RefusedBody(Exception):  # noqa: N818 - named for what it says; it is an answer, not a failure of ours
    """A body that is not taken: `reason` is the word for it, `status` the HTTP status that says so."""

    def __init__(self, reason: str, status: int = 400) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status


def pieces(body: bytes, encoding: str, limits: DecodingLimits) -> Iterator[bytes]:
    """Yield the decoded body in pieces of at most PIECE_BYTES; raises RefusedBody at the first thing wrong."""
    decoder = _DECODERS.get(encoding.strip().lower())
    if decoder is None:
        raise RefusedBody("encoding_unknown", 415)
    if len(body) > limits.input_bytes:
        raise RefusedBody("body_too_large", 413)
    most = min(limits.output_bytes, max(RATIO_COUNTS_FROM_BYTES, MAX_RATIO * len(body)))
    produced = 0
    for piece in decoder(body):
        produced += len(piece)
        if produced > most:
            raise RefusedBody("body_unpacks_too_large", 413)
        yield piece


def _identity(body: bytes) -> Iterator[bytes]:
    for start in range(0, len(body), PIECE_BYTES):
        yield body[start : start + PIECE_BYTES]


def _gzip(body: bytes) -> Iterator[bytes]:
    """Unpack one gzip member after the other; bytes behind them that are no member are left alone."""
    position = 0
    for _ in range(MOST_MEMBERS):
        position = yield from _inflated(body, position, 16 + zlib.MAX_WBITS)
        if body[position : position + 2] != b"\x1f\x8b":
            return
    raise RefusedBody("encoding_broken")


def _deflate(body: bytes) -> Iterator[bytes]:
    yield from _inflated(body, 0, zlib.MAX_WBITS if _has_zlib_header(body) else -zlib.MAX_WBITS)


def _has_zlib_header(body: bytes) -> bool:
    return len(body) >= 2 and body[0] & 0x0F == 8 and int.from_bytes(body[:2], "big") % 31 == 0


def _inflated(body: bytes, position: int, window: int) -> Generator[bytes, None, int]:
    """Yield what the deflate stream at `position` unpacks to; return the position behind it.

    The decoder is fed in slices: it copies what it leaves unread, and of a whole body it would do so again and again.
    """
    decoder = _inflate.decompressobj(window)
    try:
        while not decoder.eof:
            waiting = decoder.unconsumed_tail
            if not waiting:
                waiting = body[position : position + _SLICE_BYTES]
                position += len(waiting)
            piece = decoder.decompress(waiting, PIECE_BYTES)
            if piece:
                yield piece
            elif not waiting and not decoder.eof:
                raise RefusedBody("encoding_truncated")
    except _inflate.error as error:
        raise RefusedBody("encoding_broken") from error
    return position - len(decoder.unused_data)


def _brotli(body: bytes) -> Iterator[bytes]:
    decoder = brotli.Decompressor()
    try:
        piece = decoder.process(body, output_buffer_limit=PIECE_BYTES)
        while piece or not decoder.is_finished():
            if not piece:
                raise RefusedBody("encoding_truncated")
            yield from _identity(piece)  # the limit is a wish: a piece may be somewhat larger
            piece = decoder.process(b"", output_buffer_limit=PIECE_BYTES)
    except brotli.error as error:
        raise RefusedBody("encoding_broken") from error


def _zstd(body: bytes) -> Iterator[bytes]:
    """Unpack one zstd frame after the other, fed in slices: a slice of 256 bytes unpacks to 8 MiB at the most."""
    decoder, frames = _zstd_decoder(), 1
    try:
        for start in range(0, len(body), _ZSTD_SLICE_BYTES):
            waiting = body[start : start + _ZSTD_SLICE_BYTES]
            while waiting:
                if decoder.eof:
                    decoder, frames = _zstd_decoder(), frames + 1
                if frames > MOST_MEMBERS:
                    raise RefusedBody("encoding_broken")
                yield from _identity(decoder.decompress(waiting))
                waiting = decoder.unused_data if decoder.eof else b""
    except zstandard.ZstdError as error:
        raise RefusedBody("encoding_broken") from error
    if not decoder.eof:
        raise RefusedBody("encoding_truncated")


def _zstd_decoder() -> Any:
    return zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW_BYTES).decompressobj()


_DECODERS: dict[str, Callable[[bytes], Iterator[bytes]]] = {
    "": _identity,
    "identity": _identity,
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}

"""The form of a large blob: a header, one zstd frame written as its bytes come, and a trailer.

Header: magic, kind, project and row of the owner. Trailer: CRC-32 of header and frame, and how many bytes the frame
unpacks to. Neither writing nor reading holds more than a few pieces in memory, whatever the frame claims.
"""

import struct
import zlib
from collections.abc import Iterable, Iterator
from typing import IO, cast

import zstandard

from crashdesk.errors import StorageError
from crashdesk.server.intake.blobs.interface import Kind, Owner
from crashdesk.server.intake.blobs.records import LEVEL

PIECE_BYTES = 256 * 1024
MAX_LARGE_BYTES = 4 * 1024 * 1024 * 1024  # what a large blob may unpack to
MAX_READ_BYTES = 256 * 1024 * 1024  # what is returned in one piece
MAX_WINDOW_BYTES = 8 * 1024 * 1024
HEADER = struct.Struct(">4sBQ16s")
TRAILER = struct.Struct(">IQ")

_MAGIC = b"CDL2"


def packed(pieces: Iterable[bytes], owner: Owner) -> Iterator[bytes]:
    """Yield the stored form of the blob that `pieces` make up."""
    header = HEADER.pack(_MAGIC, owner.kind, owner.project_id, owner.row.to_bytes(16))
    crc, size = zlib.crc32(header), 0
    yield header
    frame = zstandard.ZstdCompressor(level=LEVEL).compressobj()
    for piece in pieces:
        size += len(piece)
        if compressed := frame.compress(piece):
            crc = zlib.crc32(compressed, crc)
            yield compressed
    last = frame.flush()
    yield last + TRAILER.pack(zlib.crc32(last, crc), size)


def owner_of(start: bytes) -> Owner | None:
    """Return whose blob begins with `start`, or None where that is no large blob."""
    if len(start) < HEADER.size:
        return None
    magic, kind, project_id, row = HEADER.unpack_from(start)
    is_known = magic == _MAGIC and kind in {int(known) for known in Kind}
    return Owner(Kind(kind), project_id, int.from_bytes(row)) if is_known else None


def unpacked(stored: Iterable[bytes], length: int, reference: str) -> Iterator[bytes]:
    """Yield what the stored form of `length` bytes holds; raises StorageError at the latest behind the last piece."""
    source = _Frame(stored, length)
    size = 0
    try:
        if owner_of(source.take_header()) is None:
            raise StorageError(f"The stored file {reference} is damaged: restore the folder of bodies from a backup.")
        reader = zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW_BYTES).stream_reader(
            cast("IO[bytes]", source)  # it reads nothing but `read`
        )
        while piece := reader.read(PIECE_BYTES):
            size += len(piece)
            if size > MAX_LARGE_BYTES:
                raise StorageError(f"The stored file {reference} unpacks to more than it may.")
            yield piece
    except zstandard.ZstdError as error:
        raise StorageError(f"The stored file {reference} cannot be unpacked ({error}).") from error
    if source.trailer() != (source.crc, size):
        raise StorageError(f"The stored file {reference} is damaged: restore the folder of bodies from a backup.")


class _Frame:
    """Reads the frame out of a stored blob: counts its checksum and keeps the trailer back."""

    def __init__(self, stored: Iterable[bytes], length: int) -> None:
        self._stored = iter(stored)
        self._waiting = b""
        self._left = length - TRAILER.size
        self.crc = 0

    def take_header(self) -> bytes:
        return self._take(HEADER.size)

    def read(self, most: int = PIECE_BYTES) -> bytes:
        """Return up to `most` bytes of the frame; none behind its end."""
        return self._take(min(most, self._left)) if self._left > 0 else b""

    def trailer(self) -> tuple[int, int] | None:
        """Return checksum and size as they were written, or None when something is missing."""
        while self.read():
            pass
        rest = self._waiting + b"".join(self._stored)
        return TRAILER.unpack(rest) if len(rest) == TRAILER.size else None

    def _take(self, most: int) -> bytes:
        while len(self._waiting) < most:
            piece = next(self._stored, b"")
            if not piece:
                break
            self._waiting += piece
        taken, self._waiting = self._waiting[:most], self._waiting[most:]
        self._left -= len(taken)
        if not taken:
            self._left = 0
        self.crc = zlib.crc32(taken, self.crc)
        return taken

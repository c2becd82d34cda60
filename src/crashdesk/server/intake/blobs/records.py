"""The form of a record in a pack: a header, then one zstd frame.

The header is: magic, CRC-32 of all that follows it but the length, length of the frame, kind and number of the
dictionary, project and row of the owner. The first version ("CDB1") had magic, CRC of the frame and length only.
A record that was erased keeps its length, so that its neighbours keep their places, and holds zeros.
"""

import struct
import threading
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import zstandard

from crashdesk.errors import StorageError
from crashdesk.server.intake import dictionaries
from crashdesk.server.intake.blobs.interface import Kind, Owner, Record

LEVEL = 3
BODY_LEVEL = 6  # a seventh smaller than at 3, for 0.05 ms more; bodies are most of what a server keeps
MAX_RECORD_BYTES = 256 * 1024 * 1024  # what one record may unpack to: above every limit of the collector
HEADER_BYTES = 38

_FIRST_MAGIC, _MAGIC = b"CDB1", b"CDB2"
_FIRST = struct.Struct(">4sII")
_START = struct.Struct(">4sII")
_OWNER = struct.Struct(">BBQ16s")
_WITH_DICTIONARY = {Kind.EVENT, Kind.FEEDBACK}  # what looks like the bodies that the dictionary was made of
_UNKNOWN = Owner(Kind.UNKNOWN, 0, 0)


@dataclass(frozen=True, slots=True)
class Header:
    """What stands before a frame; `header_bytes` and `frame_bytes` are the lengths of the two."""

    owner: Owner
    dictionary: int
    crc: int
    header_bytes: int
    frame_bytes: int

    @property
    def length(self) -> int:
        return self.header_bytes + self.frame_bytes


class Readable(Protocol):
    """What can be read at a place: a pack."""

    def __call__(self, offset: int, length: int) -> bytes:
        """Return up to `length` bytes at `offset`; fewer at the end."""


def pack_record(record: Record) -> bytes:
    """Return `record` as it is stored."""
    number = dictionaries.NEWEST if record.owner.kind in _WITH_DICTIONARY else 0
    return _with_header(record.owner, number, _compressor(number).compress(record.data))


def unpack_record(stored: bytes, reference: str) -> bytes:
    """Return what a record holds; raises StorageError when it is damaged, erased, or no record."""
    header = read_header(stored)
    if header is None or header.length != len(stored) or not is_whole(header, stored):
        raise StorageError(f"The stored body {reference} is damaged: restore the folder of bodies from a backup.")
    if header.owner.kind is Kind.ERASED:
        raise StorageError(f"The body {reference} was erased on request.")
    return _inflate(stored[header.header_bytes :], header.dictionary, reference)


def unpacked_bytes(start: bytes, reference: str) -> int:
    """Return how many bytes a record unpacks to, from its first bytes (header and frame header)."""
    header = read_header(start)
    if header is None or header.owner.kind is Kind.ERASED:
        raise StorageError(f"The stored body {reference} is damaged or was erased.")
    return _content_bytes(start[header.header_bytes :], reference)


def read_header(start: bytes) -> Header | None:
    """Return the header at the beginning of `start`, or None where there is none."""
    if len(start) < _FIRST.size:
        return None
    magic, crc, length = _START.unpack_from(start)
    if magic == _FIRST_MAGIC:
        return Header(_UNKNOWN, 0, crc, _FIRST.size, length)
    if magic != _MAGIC or len(start) < HEADER_BYTES:
        return None
    kind, number, project_id, row = _OWNER.unpack_from(start, _START.size)
    if kind not in _KINDS:
        return None
    return Header(Owner(Kind(kind), project_id, int.from_bytes(row)), number, crc, HEADER_BYTES, length)


def is_whole(header: Header, stored: bytes) -> bool:
    """Whether the bytes of a record are those that were written."""
    return len(stored) == header.length and zlib.crc32(stored[_START.size :]) == header.crc


def erased(header: Header) -> bytes:
    """Return what takes the place of a record that is erased: as long, and nothing in it."""
    length = header.length - HEADER_BYTES
    if length < 0:  # a record of the first version that is shorter than today's header
        return _FIRST.pack(_FIRST_MAGIC, zlib.crc32(bytes(header.frame_bytes)), header.frame_bytes) + bytes(
            header.frame_bytes
        )
    return _with_header(Owner(Kind.ERASED, 0, 0), 0, bytes(length))


def walk(read: Readable, end: int) -> Iterator[tuple[int, Header]]:
    """Yield place and header of every whole record before `end`; what is torn or damaged is passed over."""
    place: int | None = 0
    while place is not None and place < end:
        header = _whole_record(read, place, end)
        if header is None:
            place = _next_record(read, place + 1, end)
        else:
            yield place, header
            place += header.length


def _whole_record(read: Readable, place: int, end: int) -> Header | None:
    header = read_header(read(place, HEADER_BYTES))
    fits = header is not None and place + header.length <= end
    return header if header is not None and fits and is_whole(header, read(place, header.length)) else None


def _next_record(read: Readable, place: int, end: int) -> int | None:
    """Return where the next whole record begins, or None when there is none."""
    step = 1024 * 1024
    while place < end:
        window = read(place, step + HEADER_BYTES)
        offset = window.find(b"CDB")
        while 0 <= offset < step:
            if _whole_record(read, place + offset, end) is not None:
                return place + offset
            offset = window.find(b"CDB", offset + 1)
        place += step
    return None


def _compressor(number: int) -> zstandard.ZstdCompressor:
    """Return this thread's compressor: making one costs more than a body, and two threads may not share it."""
    found = _of_thread.compressors
    if number not in found:
        level = BODY_LEVEL if number else LEVEL
        found[number] = zstandard.ZstdCompressor(level=level, dict_data=dictionaries.compressing(number, level))
    return found[number]


def _decompressor(number: int) -> zstandard.ZstdDecompressor:
    """Return this thread's decompressor, likewise."""
    found = _of_thread.decompressors
    if number not in found:
        found[number] = zstandard.ZstdDecompressor(dict_data=dictionaries.plain(number))
    return found[number]


def _with_header(owner: Owner, number: int, frame: bytes) -> bytes:
    rest = _OWNER.pack(owner.kind, number, owner.project_id, owner.row.to_bytes(16)) + frame
    return _START.pack(_MAGIC, zlib.crc32(rest), len(frame)) + rest


def _inflate(frame: bytes, number: int, reference: str) -> bytes:
    _content_bytes(frame, reference)
    try:
        return _decompressor(number).decompress(frame)
    except zstandard.ZstdError as error:
        raise StorageError(f"The stored body {reference} cannot be unpacked ({error}).") from error


def _content_bytes(frame_start: bytes, reference: str) -> int:
    """Return what the frame says it unpacks to: never more than the limit, whatever it says."""
    try:
        size = zstandard.frame_content_size(frame_start)
    except zstandard.ZstdError:
        size = -1
    if not 0 <= size <= MAX_RECORD_BYTES:
        raise StorageError(f"The stored body {reference} is damaged: its size cannot be true.")
    return size


class _OfThread(threading.local):
    def __init__(self) -> None:
        self.compressors: dict[int, zstandard.ZstdCompressor] = {}
        self.decompressors: dict[int, zstandard.ZstdDecompressor] = {}


_of_thread = _OfThread()
_KINDS = {int(kind) for kind in Kind}

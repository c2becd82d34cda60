"""Bodies and attachments: zstd records in append-only pack files, many to a file, written by the processor only.

A reference is ``pack:offset:length``. A record is a header (magic, CRC-32 of what follows, its length) and one zstd
frame. What a killed writer leaves half written is never referred to: references go into the database after the sync.
"""

import os
import re
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import zstandard

from crashdesk.errors import StorageError

PACK_BYTES = 64 * 1024 * 1024  # a pack at or above this size gets no more records
LEVEL = 3
MAX_RECORD_BYTES = 256 * 1024 * 1024  # what one record may unpack to: above every limit of the collector

_HEADER = struct.Struct(">4sII")
_MAGIC = b"CDB1"
_REFERENCE = re.compile(r"([0-9]{1,9}):([0-9]{1,12}):([0-9]{1,10})")


class BlobStore:
    """Packs in one directory; any process may read, one may append."""

    def __init__(self, directory: Path, pack_bytes: int) -> None:
        self._directory = directory
        self._pack_bytes = pack_bytes
        self._compressor = zstandard.ZstdCompressor(level=LEVEL, write_content_size=True)

    @classmethod
    def open(cls, directory: Path, *, pack_bytes: int = PACK_BYTES) -> Self:
        """Use `directory`, which is made private when it is not there yet."""
        try:
            directory.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise StorageError(f"The folder for bodies {directory} cannot be made ({error.strerror}).") from error
        return cls(directory, pack_bytes)

    def append(self, bodies: Sequence[bytes]) -> list[str]:
        """Store `bodies` and return their references; when this returns they survive a power loss.

        Raises StorageError when they are not safely stored, for example because the disk is full.
        """
        references: list[str] = []
        waiting = [self._record(body) for body in bodies]
        try:
            while waiting:
                written = self._fill_one_pack(waiting)
                references += written
                del waiting[: len(written)]
        except OSError as error:
            raise StorageError(f"Bodies cannot be written in {self._directory} ({error.strerror}).") from error
        return references

    def read(self, reference: str) -> bytes:
        """Return the bytes stored under `reference`; raises StorageError when they are not there or damaged."""
        number, offset, length = _parse(reference)
        try:
            descriptor = os.open(self._path(number), os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except OSError as error:
            raise StorageError(f"The body {reference} is not there ({error.strerror}).") from error
        try:
            record = os.pread(descriptor, length, offset)
        finally:
            os.close(descriptor)
        return _unpack(record, reference)

    def _record(self, body: bytes) -> bytes:
        frame = self._compressor.compress(body)
        return _HEADER.pack(_MAGIC, zlib.crc32(frame), len(frame)) + frame

    def _fill_one_pack(self, records: list[bytes]) -> list[str]:
        """Append records to the last pack until it is full; sync; return the references of those that went in."""
        number = self._last_pack()
        descriptor = self._open_for_append(number)
        try:
            place = os.fstat(descriptor).st_size
            references, chosen = [], []
            for record in records:
                references.append(f"{number}:{place}:{len(record)}")
                chosen.append(record)
                place += len(record)
                if place >= self._pack_bytes:
                    break
            _write_all(descriptor, b"".join(chosen))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        return references

    def _last_pack(self) -> int:
        """Return the pack that takes the next record; a full one is followed by the next number."""
        numbers = [int(path.stem) for path in self._directory.glob("*.pack") if path.stem.isdigit()]
        if not numbers:
            return 1
        last = max(numbers)
        return last if self._path(last).stat().st_size < self._pack_bytes else last + 1

    def _open_for_append(self, number: int) -> int:
        path = self._path(number)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
        try:
            return os.open(path, flags)
        except FileNotFoundError:
            descriptor = os.open(path, flags | os.O_CREAT | os.O_EXCL, 0o600)
            _sync_directory(self._directory)  # else a power loss may take the new name and all that is in it
            return descriptor

    def _path(self, number: int) -> Path:
        return self._directory / f"{number:06d}.pack"


def _parse(reference: str) -> tuple[int, int, int]:
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        raise StorageError(f"{reference!r} does not name a stored body.")
    number, offset, length = found.groups()
    return int(number), int(offset), int(length)


def _unpack(record: bytes, reference: str) -> bytes:
    frame = record[_HEADER.size :]
    header = record[: _HEADER.size]
    if len(header) < _HEADER.size or _HEADER.unpack(header) != (_MAGIC, zlib.crc32(frame), len(frame)):
        raise StorageError(f"The stored body {reference} is damaged: restore the folder of bodies from a backup.")
    return zstandard.ZstdDecompressor().decompress(frame, max_output_size=MAX_RECORD_BYTES)


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

"""Where the bytes of a row come from and where large ones go: read as a stream, never whole in memory."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import zstandard
from django.conf import settings

from crashdesk import clock
from crashdesk.errors import StorageError
from crashdesk.server.events.bodies import blobs
from crashdesk.server.events.ids import new_id
from crashdesk.server.intake.blobs import BlobStore, Kind, Owner
from crashdesk.server.intake.blobs.interface import GoneError
from crashdesk.server.intake.encodings import RefusedBody, decoded
from crashdesk.server.intake.incoming import Incoming
from crashdesk.server.intake.queue import IntakeRow
from crashdesk.server.intake.reading import LIMITS
from crashdesk.server.processor.dumps.reader import READER, DumpReader
from crashdesk.server.processor.prepared import Content

SMALL_BYTES = 1_000_000  # what is larger goes into a blob of its own while it is read
GONE, DAMAGED = "body_missing", "body_damaged"


@dataclass(frozen=True, slots=True)
class Sources:
    """What preparing a report needs of the outside."""

    blobs: Callable[[], BlobStore] = blobs
    now: Callable[[], datetime] = clock.now
    dumps: DumpReader = READER

    def raw(self, row: IntakeRow) -> Iterator[bytes]:
        """Yield the body of a row as it came; a large one lies in a file of this machine, or in a blob."""
        if not row.body_file:
            yield row.body
            return
        try:
            yield from _incoming().pieces(row.body_file) if _is_file(row) else self.blobs().pieces(row.body_file)
        except StorageError as error:
            raise _for_good(error) from error

    def decoded(self, row: IntakeRow) -> Iterator[bytes]:
        """Yield the body of a row unpacked; raises RefusedBody where it is broken or unpacks to too much."""
        return decoded(self.raw(row), self._size(row), row.encoding, LIMITS.of(row.route))

    def new_id(self) -> int:
        """Return the id of a row that will be stored soon."""
        return new_id(self.now())

    def take(
        self, pieces: Iterable[bytes], owner: Owner, *, copy_to: IO[bytes] | None = None, most: int = SMALL_BYTES
    ) -> Content:
        """Read to the end: up to `most` bytes are returned, more are stored as they come; `copy_to` gets a copy."""
        stream = _Stream(pieces, copy_to)
        first = stream.first(most)
        if stream.size <= most:
            return Content(stream.size, stream.sha256, b"".join(first))
        reference = self.blobs().put(chain(first, stream), owner)
        return Content(stream.size, stream.sha256, blob=reference)

    def take_raw(self, row: IntakeRow, row_id: int) -> Content:
        """Take the whole body of a row as it came, for the failed report with the id `row_id`."""
        try:
            return self.take(self.raw(row), Owner(Kind.FAILED, row.project_id, row_id))
        except RefusedBody:  # it is gone: there are no bytes to keep
            return self.take((), Owner(Kind.FAILED, row.project_id, row_id))

    def temporary(self) -> IO[bytes]:
        """Return a file without a name on the disk of the data, where there is room for a dump."""
        return TemporaryFile(dir=_data())

    def _size(self, row: IntakeRow) -> int:
        if not row.body_file:
            return len(row.body)
        try:
            return _incoming().size(row.body_file) if _is_file(row) else self.blobs().size(row.body_file)
        except StorageError as error:
            raise _for_good(error) from error


def _for_good(error: StorageError) -> Exception:
    """Return `error` where waiting may help, else a refusal: others must not wait for what will never be read."""
    if isinstance(error, GoneError) or isinstance(error.__cause__, FileNotFoundError):
        return RefusedBody(GONE)
    is_damaged = error.__cause__ is None or isinstance(error.__cause__, zstandard.ZstdError)
    return RefusedBody(DAMAGED) if is_damaged else error


def _is_file(row: IntakeRow) -> bool:
    return row.body_file.endswith(".body")


def _incoming() -> Incoming:
    return Incoming(_data())


def _data() -> Path:
    data: Path | None = settings.CRASHDESK_DATA
    if data is None:
        raise StorageError("No data directory is set: name it with --data or CRASHDESK_DATA.")
    return data


class _Stream:
    """Pieces on their way through: measured, hashed, copied."""

    def __init__(self, pieces: Iterable[bytes], copy_to: IO[bytes] | None) -> None:
        self._pieces = iter(pieces)
        self._copy_to = copy_to
        self._hash = hashlib.sha256()
        self.size = 0

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def first(self, most: int) -> list[bytes]:
        """Return pieces until there are more than `most` bytes, or no more."""
        found: list[bytes] = []
        for piece in self:
            found.append(piece)
            if self.size > most:
                break
        return found

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self.size += len(piece)
            self._hash.update(piece)
            if self._copy_to is not None:
                self._copy_to.write(piece)
            yield piece

"""Pack files of a local folder: appended to under a lock, read at places, zeroed in place.

A pack is appended to until it is full. What a killed writer leaves half written at its end is never referred to; the
next writer sees it, leaves that pack alone and begins another.
"""

import os
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from crashdesk.errors import StorageError
from crashdesk.server.intake.blobs import disk, records
from crashdesk.server.intake.blobs.interface import GoneError, Pack, Stored
from crashdesk.server.intake.blobs.references import Place, pack_name, pack_of

PACK_BYTES = 64 * 1024 * 1024  # a pack at or above this size gets no more records
LOCK = "append.lock"
_FRAME_HEADER_BYTES = 18  # a zstd frame header is never longer


class Packs:
    """The packs of one folder; any process may read and append."""

    def __init__(self, directory: Path, pack_bytes: int) -> None:
        self._directory = directory
        self._pack_bytes = pack_bytes
        self._good_end = (0, 0)  # the pack that this writer knows to be whole up to there
        self._lock = threading.Lock()

    def append(self, stored: list[bytes]) -> list[Place]:
        """Add records and return their places; when this returns they survive a power loss."""
        places: list[Place] = []
        with self._lock, disk.locked(self._directory / LOCK):
            while len(places) < len(stored):
                places += self._fill_one(stored[len(places) :])
        return places

    def read(self, place: Place, reference: str, length: int | None = None) -> bytes:
        """Return the stored bytes at `place`, or the first `length` of them."""
        with self._opened(place, reference) as descriptor:
            return os.pread(descriptor, place.length if length is None else length, place.offset)

    def start(self, place: Place, reference: str) -> bytes:
        """Return the first bytes of a record: enough to know its size."""
        return self.read(place, reference, min(place.length, records.HEADER_BYTES + _FRAME_HEADER_BYTES))

    def erase(self, pack: str, places: Collection[Place]) -> None:
        """Overwrite records; their neighbours keep their places."""
        try:
            descriptor = os.open(self._path(pack), os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError:
            return
        try:
            gone = [place for place in places if _overwrite(descriptor, place)]
            os.fsync(descriptor)
            for place in gone:
                _give_back(descriptor, place)
        finally:
            os.close(descriptor)

    def all(self, *, with_open: bool) -> list[Pack]:
        """Return the packs that get no more records, oldest first; `with_open` also the last one."""
        packs: list[Pack] = []
        names = self._names()
        last = max(_numbers(names), default=0)
        for name in names:
            with suppress(FileNotFoundError):
                if with_open or name != str(last):
                    facts = self._path(name).stat()
                    packs.append(Pack(name, facts.st_size, facts.st_mtime))
        return sorted(packs, key=lambda pack: (pack.written_at, pack.name))

    def records(self, pack: str) -> Iterator[Stored]:
        """Yield every whole record of a pack."""
        with self._opened(Place(pack, 0, 0), pack) as descriptor:
            end = os.fstat(descriptor).st_size
            for offset, header in records.walk(lambda place, length: os.pread(descriptor, length, place), end):
                place = Place(pack, offset, header.length)
                yield Stored(str(place), header.owner, header.length)

    def clean(self, pack: str) -> None:
        """Zero what lies between whole records; nobody appends meanwhile."""
        place = Place(pack, 0, 0)
        with self._lock, disk.locked(self._directory / LOCK), self._opened(place, pack) as descriptor:
            gaps = list(_gaps(descriptor))
            if not gaps:
                return
            writing = os.open(self._path(pack), os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
            try:
                for begin, end in gaps:
                    disk.write_zeros(writing, begin, end - begin)
                os.fsync(writing)
            finally:
                os.close(writing)

    def roll(self) -> None:
        """Begin the next pack."""
        with self._lock, disk.locked(self._directory / LOCK):
            if last := max(_numbers(self._names()), default=0):
                os.close(self._open_for_append(last + 1))
                disk.sync_directory(self._directory)

    def remove(self, pack: str) -> None:
        disk.remove(self._path(pack))

    def _fill_one(self, stored: list[bytes]) -> list[Place]:
        """Append to the last pack until it is full; sync; return the places of what went in."""
        number = self._number_for_append()
        descriptor = self._open_for_append(number)
        try:
            start = end = os.fstat(descriptor).st_size
            places: list[Place] = []
            for record in stored:
                places.append(Place(str(number), end, len(record)))
                end += len(record)
                if end >= self._pack_bytes:
                    break
            if not start:  # else a power loss may take the new name and all that is in it
                disk.sync_directory(self._directory)
            self._write(descriptor, b"".join(stored[: len(places)]), start)
        finally:
            os.close(descriptor)
        self._good_end = (number, end)
        return places

    def _write(self, descriptor: int, data: bytes, start: int) -> None:
        try:
            disk.write_all(descriptor, data)
            os.fsync(descriptor)
        except OSError:
            with suppress(OSError):  # nobody will ever refer to what was half written
                os.ftruncate(descriptor, start)
            raise

    def _number_for_append(self) -> int:
        """Return the pack that takes the next record: the last, or a new one when that is full or torn."""
        last = max(_numbers(self._names()), default=0)
        if not last:
            return 1
        size = self._path(str(last)).stat().st_size
        return last if size < self._pack_bytes and self._is_whole(last, size) else last + 1

    def _is_whole(self, number: int, size: int) -> bool:
        """Whether records fill the pack to its end; only what others appended since the last look is walked."""
        known, place = self._good_end
        place = place if known == number else 0
        if place == size:
            return True
        header = None
        with self._opened(Place(str(number), 0, 0), str(number)) as descriptor:
            while place < size:
                header = records.read_header(os.pread(descriptor, records.HEADER_BYTES, place))
                if header is None:
                    return False
                last, place = place, place + header.length
            return header is None or (
                place == size and records.is_whole(header, os.pread(descriptor, header.length, last))
            )

    def _open_for_append(self, number: int) -> int:
        path = self._path(str(number))
        flags = os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
        try:
            return os.open(path, flags)
        except FileNotFoundError:
            return os.open(path, flags | os.O_CREAT | os.O_EXCL, 0o600)

    @contextmanager
    def _opened(self, place: Place, reference: str) -> Iterator[int]:
        try:
            descriptor = disk.open_to_read(self._path(place.name))
        except FileNotFoundError as error:
            raise GoneError(f"The body {reference} is not there.") from error
        except OSError as error:
            raise StorageError(f"The body {reference} cannot be read ({error.strerror}).") from error
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def _names(self) -> list[str]:
        with os.scandir(self._directory) as entries:
            return [name for entry in entries if (name := pack_of(entry.name)) is not None]

    def _path(self, name: str) -> Path:
        return self._directory / pack_name(name)


def _numbers(names: list[str]) -> list[int]:
    """Return the packs that this folder counts; others came from an object store by a backup."""
    return [int(name) for name in names if len(name) < 10]


def _gaps(descriptor: int) -> Iterator[tuple[int, int]]:
    """Yield begin and end of every part of a pack that is no whole record."""
    size = os.fstat(descriptor).st_size
    place = 0
    for begin, header in records.walk(lambda place, length: os.pread(descriptor, length, place), size):
        if begin > place:
            yield place, begin
        place = begin + header.length
    if size > place:
        yield place, size


def _overwrite(descriptor: int, place: Place) -> bool:
    """Zero one record; a place that holds none is left alone. Return which it was."""
    header = records.read_header(os.pread(descriptor, records.HEADER_BYTES, place.offset))
    if header is None or header.length != place.length:
        return False
    disk.write_all_at(descriptor, records.erased(header), place.offset)
    return True


def _give_back(descriptor: int, place: Place) -> None:
    begin = place.offset + records.HEADER_BYTES
    if place.length > records.HEADER_BYTES:
        disk.give_back(descriptor, begin, place.length - records.HEADER_BYTES)

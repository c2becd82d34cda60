"""Blobs in a folder of this machine: packs of many small ones, and a file for each large one."""

import os
import secrets
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from crashdesk.errors import StorageError
from crashdesk.server.intake.blobs import disk, records, streams
from crashdesk.server.intake.blobs.interface import GoneError, Owner, Pack, Record, Stored
from crashdesk.server.intake.blobs.packs import PACK_BYTES, Packs
from crashdesk.server.intake.blobs.references import Place, checked_object, large_name, pack_of, parse

LARGE, TEMPORARY = "large", ".new"


class LocalBlobs:
    """Packs and large files below one directory; any process may read, append and put."""

    def __init__(self, directory: Path, pack_bytes: int) -> None:
        self._directory = directory
        self._large = directory / LARGE
        self._packs = Packs(directory, pack_bytes)
        self._synced: set[Path] = set()

    @classmethod
    def open(cls, directory: Path, *, pack_bytes: int = PACK_BYTES) -> Self:
        """Use `directory`, which is made private when it is not there yet."""
        try:
            directory.mkdir(mode=0o700, exist_ok=True)
            disk.sync_directory(directory.parent)  # whoever made it may have been killed before it did that
        except OSError as error:
            raise StorageError(f"The folder for bodies {directory} cannot be made ({error.strerror}).") from error
        return cls(directory, pack_bytes)

    def append(self, records_: Sequence[Record]) -> list[str]:
        stored = [records.pack_record(record) for record in records_]
        if not stored:
            return []
        try:
            return [str(place) for place in self._packs.append(stored)]
        except OSError as error:
            raise StorageError(f"Bodies cannot be written in {self._directory} ({error.strerror}).") from error

    def put(self, pieces: Iterable[bytes], owner: Owner) -> str:
        name = secrets.token_hex(16)
        path = self._path(name)
        temporary = path.with_name(name + TEMPORARY)
        try:
            self._prepare(path.parent)
            length = _write_file(temporary, streams.packed(pieces, owner))
            temporary.replace(path)
            disk.sync_directory(path.parent)
        except OSError as error:
            raise StorageError(f"A file cannot be written in {self._directory} ({error.strerror}).") from error
        finally:
            with suppress(OSError):  # there only when something failed
                temporary.unlink()
        return str(Place(name, 0, length, is_large=True))

    def read(self, reference: str) -> bytes:
        place = parse(reference)
        if not place.is_large:
            return records.unpack_record(self._packs.read(place, reference), reference)
        if self.size(reference) > streams.MAX_READ_BYTES:
            raise StorageError(f"The stored file {reference} is too large to be read in one piece.")
        return b"".join(self.pieces(reference))

    def pieces(self, reference: str) -> Iterator[bytes]:
        place = parse(reference)
        if not place.is_large:
            yield self.read(reference)
            return
        yield from streams.unpacked(self._stored_pieces(place, reference), place.length, reference)

    def size(self, reference: str) -> int:
        place = parse(reference)
        if not place.is_large:
            return records.unpacked_bytes(self._packs.start(place, reference), reference)
        descriptor = self._open_large(place, reference)
        try:
            end = os.pread(descriptor, streams.TRAILER.size, place.length - streams.TRAILER.size)
        finally:
            os.close(descriptor)
        if len(end) < streams.TRAILER.size:
            raise StorageError(f"The stored file {reference} is damaged: restore the folder of bodies from a backup.")
        return int(streams.TRAILER.unpack(end)[1])

    def erase(self, references: Collection[str]) -> None:
        by_pack: dict[str, list[Place]] = defaultdict(list)
        try:
            for place in map(parse, references):
                if place.is_large:
                    self._erase_large(self._path(place.name))
                else:
                    by_pack[place.name].append(place)
            for pack, places in by_pack.items():
                self._packs.erase(pack, places)
        except OSError as error:
            raise StorageError(f"Not all could be erased in {self._directory} ({error.strerror}).") from error

    def discard(self, references: Collection[str]) -> None:
        try:
            for place in map(parse, references):
                if place.is_large:
                    disk.remove(self._path(place.name))
        except OSError as error:
            raise StorageError(f"A file stays in {self._directory} for now ({error.strerror}).") from error

    def packs(self, *, with_open: bool = False) -> list[Pack]:
        return self._packs.all(with_open=with_open)

    def records(self, pack: str) -> Iterator[Stored]:
        return self._packs.records(pack)

    def contents(self, pack: str) -> Iterator[tuple[Stored, bytes]]:
        for stored in self._packs.records(pack):
            with suppress(StorageError):
                yield stored, self.read(stored.reference)

    def clean(self, pack: str) -> None:
        try:
            self._packs.clean(pack)
        except OSError as error:
            raise StorageError(f"The pack {pack} cannot be cleaned ({error.strerror}).") from error

    def large(self) -> Iterator[tuple[Stored, float]]:
        for path in sorted(self._large.glob("*/*")):
            with suppress(FileNotFoundError):
                facts = path.stat()
                with path.open("rb") as file:
                    owner = streams.owner_of(file.read(streams.HEADER.size))
                if owner is not None and path.suffix != TEMPORARY:
                    place = Place(path.name, 0, facts.st_size, is_large=True)
                    yield Stored(str(place), owner, facts.st_size), facts.st_mtime

    def roll(self) -> None:
        try:
            self._packs.roll()
        except OSError as error:
            raise StorageError(f"No new pack can be begun in {self._directory} ({error.strerror}).") from error

    def remove(self, pack: str) -> None:
        try:
            self._packs.remove(pack)
        except OSError as error:
            raise StorageError(f"The pack {pack} cannot be removed ({error.strerror}).") from error

    def objects(self) -> Iterator[tuple[str, int]]:
        for path in (*self._directory.glob("*.pack"), *self._large.glob("*/*")):
            name = path.relative_to(self._directory).as_posix()
            with suppress(FileNotFoundError):
                if pack_of(name) is not None or (path.parent.parent == self._large and path.suffix != TEMPORARY):
                    yield name, path.stat().st_size

    def export(self, object_name: str, length: int) -> Iterator[bytes]:
        try:
            with (self._directory / checked_object(object_name)).open("rb") as file:
                while length > 0 and (piece := file.read(min(length, streams.PIECE_BYTES))):
                    length -= len(piece)
                    yield piece
        except OSError as error:
            raise StorageError(f"{object_name} of the bodies cannot be read ({error.strerror}).") from error

    def adopt(self, object_name: str, pieces: Iterable[bytes]) -> None:
        path = self._directory / checked_object(object_name)
        try:
            if path.parent != self._directory:
                self._prepare(path.parent)
            _write_file(path, pieces)
            disk.sync_directory(path.parent)
        except OSError as error:
            raise StorageError(f"{path} cannot be written ({error.strerror}).") from error

    def left_behind(self, before: float) -> list[Path]:
        """Remove what killed writers of large files left half written before that time; return what it was."""
        found = [path for path in self._large.glob(f"*/*{TEMPORARY}") if path.stat().st_mtime < before]
        for path in found:
            self._erase_large(path)
        return found

    def _prepare(self, directory: Path) -> None:
        """Make a folder for large files; its name is synced once a process, whoever made it."""
        for made in (self._large, directory):
            made.mkdir(mode=0o700, exist_ok=True)
            if made not in self._synced:
                disk.sync_directory(made.parent)
                self._synced.add(made)

    def _stored_pieces(self, place: Place, reference: str) -> Iterator[bytes]:
        descriptor = self._open_large(place, reference)
        try:
            while piece := os.read(descriptor, streams.PIECE_BYTES):
                yield piece
        finally:
            os.close(descriptor)

    def _open_large(self, place: Place, reference: str) -> int:
        try:
            return disk.open_to_read(self._path(place.name))
        except FileNotFoundError as error:
            raise GoneError(f"The file {reference} is not there.") from error
        except OSError as error:
            raise StorageError(f"The file {reference} cannot be read ({error.strerror}).") from error

    def _erase_large(self, path: Path) -> None:
        with suppress(FileNotFoundError):
            descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
            try:
                disk.write_zeros(descriptor, 0, os.fstat(descriptor).st_size)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        disk.remove(path)

    def _path(self, name: str) -> Path:
        return self._directory / large_name(name)


def _write_file(path: Path, pieces: Iterable[bytes]) -> int:
    """Write a private file and sync it; return how many bytes it has."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    length = 0
    try:
        for piece in pieces:
            disk.write_all(descriptor, piece)
            length += len(piece)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return length

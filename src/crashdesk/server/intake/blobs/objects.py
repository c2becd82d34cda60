"""Blobs in an S3-compatible object store: one object for each batch of small ones, one for each large one.

Objects are never changed, except that erasing writes a pack again with zeros in the place of the record. A bucket that
keeps old versions keeps what was erased: its rules must end them.
"""

import secrets
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Self

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import S3Store

from crashdesk import clock
from crashdesk.errors import StorageError
from crashdesk.server.intake.blobs import records, streams
from crashdesk.server.intake.blobs.interface import GoneError, Owner, Pack, Record, Stored
from crashdesk.server.intake.blobs.references import Place, checked_object, large_name, pack_name, pack_of, parse

if TYPE_CHECKING:
    from obstore import ObjectMeta
    from obstore.store import ClientConfig, RetryConfig, S3Config

LARGE = "large/"
PACK_BYTES = 64 * 1024 * 1024  # a batch beyond this becomes several objects
CONNECT_SECONDS, REQUEST_SECONDS, RETRY_SECONDS = 5, 60, 60
RETRIES = 5
_FRAME_HEADER_BYTES = 18


class ObjectBlobs:
    """Packs and large objects below one prefix of a bucket; any number of machines may read and write."""

    def __init__(self, store: S3Store) -> None:
        self._store = store

    @classmethod
    def open(cls, bucket: str, prefix: str, *, endpoint: str = "", region: str = "") -> Self:
        """Use a bucket; credentials come from the usual AWS variables of the environment. Nothing is sent yet."""
        config: S3Config = {}
        if endpoint:
            config["endpoint"] = endpoint
        if region:
            config["region"] = region
        client: ClientConfig = {
            "connect_timeout": timedelta(seconds=CONNECT_SECONDS),
            "timeout": timedelta(seconds=REQUEST_SECONDS),
            "allow_http": endpoint.startswith("http://"),
        }
        retry: RetryConfig = {"max_retries": RETRIES, "retry_timeout": timedelta(seconds=RETRY_SECONDS)}
        try:
            store = S3Store(bucket, prefix=prefix or None, config=config, client_options=client, retry_config=retry)
        except BaseError as error:
            raise StorageError(f"The object store for bodies cannot be used: {_first_line(error)}") from error
        return cls(store)

    def append(self, records_: Sequence[Record]) -> list[str]:
        stored = [records.pack_record(record) for record in records_]
        references: list[str] = []
        while len(references) < len(stored):
            references += self._put_pack(stored[len(references) :])
        return references

    def put(self, pieces: Iterable[bytes], owner: Owner) -> str:
        name = secrets.token_hex(16)
        counted = _Counted(streams.packed(pieces, owner))
        with _told("A file cannot be written to the object store"):
            obstore.put(self._store, large_name(name), counted, use_multipart=True)
        return str(Place(name, 0, counted.length, is_large=True))

    def read(self, reference: str) -> bytes:
        place = parse(reference)
        if not place.is_large:
            return records.unpack_record(self._part(place, reference), reference)
        if self.size(reference) > streams.MAX_READ_BYTES:
            raise StorageError(f"The stored file {reference} is too large to be read in one piece.")
        return b"".join(self.pieces(reference))

    def pieces(self, reference: str) -> Iterator[bytes]:
        place = parse(reference)
        if not place.is_large:
            yield self.read(reference)
            return
        with _told(f"The file {reference} cannot be read"):
            stored = obstore.get(self._store, place.object_name).stream(min_chunk_size=streams.PIECE_BYTES)
            yield from streams.unpacked(map(bytes, stored), place.length, reference)

    def size(self, reference: str) -> int:
        place = parse(reference)
        if not place.is_large:
            length = min(place.length, records.HEADER_BYTES + _FRAME_HEADER_BYTES)
            return records.unpacked_bytes(self._part(place, reference, length), reference)
        with _told(f"The file {reference} cannot be read"):
            start = place.length - streams.TRAILER.size
            end = bytes(obstore.get_range(self._store, place.object_name, start=start, length=streams.TRAILER.size))
        if len(end) < streams.TRAILER.size:
            raise StorageError(f"The stored file {reference} is damaged: restore it from a backup.")
        return int(streams.TRAILER.unpack(end)[1])

    def erase(self, references: Collection[str]) -> None:
        by_pack: dict[str, list[Place]] = defaultdict(list)
        for place in map(parse, references):
            if place.is_large:
                self._delete(place.object_name)
            else:
                by_pack[place.name].append(place)
        for pack, places in by_pack.items():
            self._erase_in(pack, places)

    def discard(self, references: Collection[str]) -> None:
        for place in map(parse, references):
            if place.is_large:
                self._delete(place.object_name)

    def packs(self, *, with_open: bool = False) -> list[Pack]:  # noqa: ARG002 - an object is never open
        packs = [
            Pack(name, entry["size"], entry["last_modified"].timestamp())
            for entry in self._list()
            if (name := pack_of(entry["path"])) is not None
        ]
        return sorted(packs, key=lambda pack: (pack.written_at, pack.name))

    def records(self, pack: str) -> Iterator[Stored]:
        return self._records_in(pack, self._whole(pack))

    def contents(self, pack: str) -> Iterator[tuple[Stored, bytes]]:
        content = self._whole(pack)
        for stored in self._records_in(pack, content):
            place = parse(stored.reference)
            with suppress(StorageError):
                part = content[place.offset : place.offset + place.length]
                yield stored, records.unpack_record(part, stored.reference)

    def clean(self, pack: str) -> None:
        """Do nothing: an object is there as a whole or not at all."""

    def large(self) -> Iterator[tuple[Stored, float]]:
        for entry in self._list(LARGE):
            with _told("A large object cannot be read"):
                start = obstore.get_range(self._store, entry["path"], start=0, length=streams.HEADER.size)
            owner = streams.owner_of(bytes(start))
            if owner is not None:
                place = Place(entry["path"].rpartition("/")[2], 0, entry["size"], is_large=True)
                yield Stored(str(place), owner, entry["size"]), entry["last_modified"].timestamp()

    def roll(self) -> None:
        """Do nothing: no object is written to again."""

    def left_behind(self, before: float) -> list[Path]:  # noqa: ARG002 - an object appears whole or not at all
        return []

    def remove(self, pack: str) -> None:
        self._delete(pack_name(pack))

    def objects(self) -> Iterator[tuple[str, int]]:
        for entry in self._list():
            yield entry["path"], entry["size"]

    def export(self, object_name: str, length: int) -> Iterator[bytes]:
        with _told(f"{object_name} of the bodies cannot be read"):
            for piece in obstore.get(self._store, checked_object(object_name)).stream():
                yield bytes(piece)[:length]
                length -= len(piece)
                if length <= 0:
                    return

    def adopt(self, object_name: str, pieces: Iterable[bytes]) -> None:
        with _told(f"{object_name} of the bodies cannot be written"):
            obstore.put(self._store, checked_object(object_name), iter(pieces), use_multipart=True)

    def _list(self, below: str | None = None) -> "Iterator[ObjectMeta]":
        with _told("The object store cannot be listed"):
            for batch in obstore.list(self._store, below):
                yield from batch

    def _put_pack(self, stored: Sequence[bytes]) -> list[str]:
        """Put one object with as many records as it takes; return their references."""
        name = f"{int(clock.timestamp() * 1000):012x}{secrets.token_hex(4)}"
        references: list[str] = []
        place = 0
        for record in stored:
            if place >= PACK_BYTES:
                break
            references.append(str(Place(name, place, len(record))))
            place += len(record)
        with _told("Bodies cannot be written to the object store"):
            obstore.put(self._store, pack_name(name), b"".join(stored[: len(references)]))
        return references

    def _records_in(self, pack: str, content: bytes) -> Iterator[Stored]:
        for offset, header in records.walk(lambda place, length: content[place : place + length], len(content)):
            yield Stored(str(Place(pack, offset, header.length)), header.owner, header.length)

    def _part(self, place: Place, reference: str, length: int | None = None) -> bytes:
        with _told(f"The body {reference} cannot be read"):
            return bytes(
                obstore.get_range(self._store, place.object_name, start=place.offset, length=length or place.length)
            )

    def _whole(self, pack: str) -> bytes:
        with _told(f"The pack {pack} cannot be read"):
            return bytes(obstore.get(self._store, pack_name(pack)).bytes())

    def _erase_in(self, pack: str, places: Sequence[Place]) -> None:
        try:
            content = bytearray(self._whole(pack))
        except GoneError:
            return
        for place in places:
            header = records.read_header(bytes(content[place.offset : place.offset + records.HEADER_BYTES]))
            if header is not None and header.length == place.length:
                content[place.offset : place.offset + place.length] = records.erased(header)
        with _told(f"The pack {pack} cannot be written again"):
            obstore.put(self._store, pack_name(pack), bytes(content))

    def _delete(self, key: str) -> None:
        try:
            with _told("An object cannot be removed"):
                obstore.delete(self._store, key)
        except GoneError:
            return


class _Counted:
    """Passes pieces on and counts their bytes."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self.length = 0

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self.length += len(piece)
            yield piece


@contextmanager
def _told(what: str) -> Iterator[None]:
    """Turn the library's errors into ours; `what` begins the sentence."""
    try:
        yield
    except (NotFoundError, FileNotFoundError) as error:
        raise GoneError(f"{what}: it is not there.") from error
    except (BaseError, OSError) as error:
        raise StorageError(f"{what} ({_first_line(error)}).") from error


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0][:200]

"""What a store of bodies and files does, whichever it is, and the words it uses."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import NamedTuple, Protocol

from crashdesk.errors import StorageError


class GoneError(StorageError):
    """What a reference leads to is not there at all."""


class Kind(IntEnum):
    """What a blob is; the numbers stand in every record and never change their meaning."""

    UNKNOWN = 0  # of packs that were written before records named their owner
    EVENT = 1  # the body of an event
    FEEDBACK = 2  # the body of a user's words
    ATTACHMENT = 3
    FAILED = 4  # a report that could not be processed, as it came
    KEPT = 5  # an item that is kept for later, as it came
    SYMBOL = 6  # a file with symbols or sources of a release
    CHUNK = 7  # a part of an upload
    INTAKE = 8  # a body that waits to be processed
    ERASED = 255


class Owner(NamedTuple):
    """The row that refers to a blob.

    `row` is a number of at most 128 bits: the UUID of an event or of feedback, else the row's own id.
    """

    kind: Kind
    project_id: int
    row: int


class Record(NamedTuple):
    """A small blob on its way into a pack."""

    owner: Owner
    data: bytes


@dataclass(frozen=True, slots=True)
class Pack:
    """A file of many records; `stored_bytes` is what it takes, `written_at` seconds since 1970."""

    name: str
    stored_bytes: int
    written_at: float


@dataclass(frozen=True, slots=True)
class Stored:
    """A blob as it is found by walking through the store."""

    reference: str
    owner: Owner
    stored_bytes: int


class BlobStore(Protocol):
    """Keeps bytes under opaque references of at most 64 characters; safe to use from several threads and processes.

    Whatever cannot be done raises StorageError; when a writing method returns, its work survives a power loss.
    """

    def append(self, records: Sequence[Record]) -> list[str]:
        """Store small blobs and return their references, in this order."""

    def put(self, pieces: Iterable[bytes], owner: Owner) -> str:
        """Store one large blob, compressed as it comes and never whole in memory; return its reference."""

    def read(self, reference: str) -> bytes:
        """Return the bytes stored under `reference`."""

    def pieces(self, reference: str) -> Iterator[bytes]:
        """Yield the bytes stored under `reference`; damage may show only at the end, as StorageError."""

    def size(self, reference: str) -> int:
        """Return how many bytes `read` would return."""

    def erase(self, references: Collection[str]) -> None:
        """Overwrite these blobs, so that their bytes are nowhere in the store; what is gone already is no error."""

    def discard(self, references: Collection[str]) -> None:
        """Remove large blobs that no row names any more; references into packs are left to compaction."""

    def packs(self, *, with_open: bool = False) -> list[Pack]:
        """Return the packs that are not written to any more, oldest first; `with_open` also the one that is."""

    def records(self, pack: str) -> Iterator[Stored]:
        """Yield every whole record of a pack in its order; what a killed writer left half written is skipped."""

    def contents(self, pack: str) -> Iterator[tuple[Stored, bytes]]:
        """Yield every record of a pack with what it holds; what was erased or cannot be read is left out."""

    def clean(self, pack: str) -> None:
        """Overwrite what lies between the records of a pack: what killed writers left half written."""

    def large(self) -> Iterator[tuple[Stored, float]]:
        """Yield every large blob, and when it was written in seconds since 1970."""

    def roll(self) -> None:
        """Let the pack that is written to get no more records, so that it can be written anew."""

    def left_behind(self, before: float) -> list[Path]:
        """Remove files that killed writers left half written before then (seconds since 1970); return what it was."""

    def remove(self, pack: str) -> None:
        """Remove a pack none of whose records is named by a row any more."""

    def objects(self) -> Iterator[tuple[str, int]]:
        """Yield name and size of every file or object of the store, for a copy; names mean the same in every store."""

    def export(self, object_name: str, length: int) -> Iterator[bytes]:
        """Yield the first `length` bytes of a file or object as they are stored."""

    def adopt(self, object_name: str, pieces: Iterable[bytes]) -> None:
        """Write a file or object that `export` gave; it must not be there yet."""

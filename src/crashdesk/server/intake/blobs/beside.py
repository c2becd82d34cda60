"""An object store beside the local folder that an earlier choice left: writes go to the one, reads find both."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

from crashdesk.server.intake.blobs.interface import BlobStore, GoneError, Owner, Pack, Record, Stored


class RemoteBesideLocal:
    """The object store, and behind it the local folder for what was written before."""

    def __init__(self, remote: BlobStore, local: BlobStore) -> None:
        self._remote = remote
        self._local = local

    def append(self, records: Sequence[Record]) -> list[str]:
        return self._remote.append(records)

    def put(self, pieces: Iterable[bytes], owner: Owner) -> str:
        return self._remote.put(pieces, owner)

    def read(self, reference: str) -> bytes:
        try:
            return self._remote.read(reference)
        except GoneError:
            return self._local.read(reference)

    def pieces(self, reference: str) -> Iterator[bytes]:
        return self._holder(reference).pieces(reference)

    def size(self, reference: str) -> int:
        try:
            return self._remote.size(reference)
        except GoneError:
            return self._local.size(reference)

    def erase(self, references: Collection[str]) -> None:
        self._remote.erase(references)
        self._local.erase(references)

    def discard(self, references: Collection[str]) -> None:
        self._remote.discard(references)
        self._local.discard(references)

    def packs(self, *, with_open: bool = False) -> list[Pack]:
        return [*self._local.packs(with_open=True), *self._remote.packs(with_open=with_open)]

    def records(self, pack: str) -> Iterator[Stored]:
        return self._with(pack).records(pack)

    def contents(self, pack: str) -> Iterator[tuple[Stored, bytes]]:
        return self._with(pack).contents(pack)

    def clean(self, pack: str) -> None:
        self._with(pack).clean(pack)

    def large(self) -> Iterator[tuple[Stored, float]]:
        yield from self._remote.large()
        yield from self._local.large()

    def left_behind(self, before: float) -> list[Path]:
        return self._local.left_behind(before)

    def roll(self) -> None:
        self._remote.roll()

    def remove(self, pack: str) -> None:
        self._with(pack).remove(pack)

    def objects(self) -> Iterator[tuple[str, int]]:
        yield from self._remote.objects()
        yield from self._local.objects()

    def export(self, object_name: str, length: int) -> Iterator[bytes]:
        holder = self._remote if object_name in {name for name, _ in self._remote.objects()} else self._local
        return holder.export(object_name, length)

    def adopt(self, object_name: str, pieces: Iterable[bytes]) -> None:
        self._remote.adopt(object_name, pieces)

    def _with(self, pack: str) -> BlobStore:
        return self._local if pack in {found.name for found in self._local.packs(with_open=True)} else self._remote

    def _holder(self, reference: str) -> BlobStore:
        try:
            self._remote.size(reference)
        except GoneError:
            return self._local
        return self._remote

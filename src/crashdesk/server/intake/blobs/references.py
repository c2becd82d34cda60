"""References to blobs: text that rows keep, never longer than 64 characters, the same in every kind of store.

``name:offset:length`` is a record in a pack, ``L:name:length`` a large blob of its own; lengths are stored bytes. The
names of packs are numbers where one folder counts them, else 20 hex digits that many machines can give without talking.
"""

import re
from dataclasses import dataclass

from crashdesk.errors import StorageError

_PACKED = re.compile(r"([0-9]{1,9}|[0-9a-f]{20}):([0-9]{1,12}):([0-9]{1,10})")
_LARGE = re.compile(r"L:([0-9a-f]{32}):([0-9]{1,13})")
_OBJECT = re.compile(r"([0-9]{6,9}|[0-9a-f]{20})\.pack|large/([0-9a-f]{2})/(\2[0-9a-f]{30})")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a blob lies: at `offset` in the pack `name`, or all of the large one `name`, of `length` stored bytes."""

    name: str
    offset: int
    length: int
    is_large: bool = False

    def __str__(self) -> str:
        """Return the reference to this place."""
        return f"L:{self.name}:{self.length}" if self.is_large else f"{self.name}:{self.offset}:{self.length}"

    @property
    def object_name(self) -> str:
        """The name of the file or object, below the folder or prefix of the store."""
        return large_name(self.name) if self.is_large else pack_name(self.name)


def parse(reference: str) -> Place:
    """Return where `reference` leads; raises StorageError for anything that no store gave."""
    if found := _PACKED.fullmatch(reference):
        name = found[1] if len(found[1]) == 20 else str(int(found[1]))
        return Place(name, int(found[2]), int(found[3]))
    if found := _LARGE.fullmatch(reference):
        return Place(found[1], 0, int(found[2]), is_large=True)
    raise StorageError(f"{reference!r} does not name a stored body.")


def pack_name(name: str) -> str:
    """Return the file or object of a pack."""
    return f"{name:0>6}.pack"


def large_name(name: str) -> str:
    """Return the file or object of a large blob."""
    return f"large/{name[:2]}/{name}"


def pack_of(object_name: str) -> str | None:
    """Return which pack a file or object is, or None where it is none."""
    stem = object_name.removesuffix(".pack")
    if stem == object_name or not _OBJECT.fullmatch(object_name):
        return None
    return stem if len(stem) == 20 else str(int(stem))


def checked_object(object_name: str) -> str:
    """Return the name of a file or object of a store; raises StorageError for any other."""
    if _OBJECT.fullmatch(object_name) is None:
        raise StorageError(f"{object_name!r} is no file of a store of bodies.")
    return object_name

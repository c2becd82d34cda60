"""What a debug file says of itself, and how its bytes are looked at: never beyond the file or our bounds."""

from dataclasses import dataclass, field
from typing import IO

from crashdesk.server.symbols.unreadable import UnreadableFileError

DEBUG, SYMTAB, UNWIND, SOURCES, MAPPING = "debug", "symtab", "unwind", "sources", "mapping"
MOST_HEADERS = 4096  # sections, segments, load commands of one file
MOST_BYTES_AT_ONCE = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Facts:
    """What a debug file says of itself.

    `features` are of debug, symtab, unwind, sources, mapping; `use` is how it is used: exe, lib, rel, dump, dbg, src,
    empty where nobody can tell.
    """

    kind: str
    debug_id: str
    arch: str = ""
    code_id: str = ""
    features: tuple[str, ...] = field(default_factory=tuple)
    use: str = ""


def at(file: IO[bytes], place: int, size: int, *, exact: bool = True) -> bytes:
    """Return `size` bytes at `place`; raises UnreadableFileError when the file ends before."""
    if not 0 <= place < 2**62 or not 0 <= size <= MOST_BYTES_AT_ONCE:
        raise UnreadableFileError("The headers of this debug file point outside of it.")
    file.seek(place)
    found = file.read(size)
    if exact and len(found) < size:
        raise UnreadableFileError("This debug file ends before its headers do.")
    return found

"""Which debug file it is: kind, debug id, architecture and contents, read from its first bytes and its headers.

Pure: a file to seek in comes in. What a header says wrongly leads to UnreadableFileError.
"""

import struct
from typing import IO

from crashdesk.server.symbols import debug_ids
from crashdesk.server.symbols.bundles import attributes_of
from crashdesk.server.symbols.kinds import elf, mach, texts, windows
from crashdesk.server.symbols.kinds.facts import SOURCES, Facts, at
from crashdesk.server.symbols.unreadable import UnreadableFileError

__all__ = ["Facts", "UnreadableFileError", "read"]


def read(file: IO[bytes], name: str = "") -> Facts:
    """Return what the file is; `name` helps with kinds that have no mark of their own. Raises UnreadableFileError."""
    head = at(file, 0, 64, exact=False)
    try:
        for mark, reader in _BY_MARK:
            if head.startswith(mark):
                return reader(file)
        if texts.is_mapping(file):
            return texts.read_mapping(file, name)
    except (struct.error, ValueError, OverflowError) as error:
        raise UnreadableFileError("The headers of this debug file contradict themselves.") from error
    raise UnreadableFileError(
        "This is no debug file of a kind known here: ELF, Mach-O, PDB, PE, Breakpad, sources, ProGuard."
    )


def _sources(file: IO[bytes]) -> Facts:
    """Read a bundle of sources that belongs to a native file: its manifest names the debug id."""
    attributes = attributes_of(file)
    debug_id = debug_ids.normalise(attributes.get("debug_id", ""))
    if not debug_id:
        raise UnreadableFileError("This bundle of sources names no debug id.")
    return Facts("sourcebundle", debug_id, attributes.get("arch", "")[:20], "", (SOURCES,), "src")


_BY_MARK = (
    (b"\x7fELF", elf.read),
    (b"\xcf\xfa\xed\xfe", mach.read),
    (b"\xce\xfa\xed\xfe", mach.read),
    (b"\xfe\xed\xfa\xcf", mach.read),
    (b"\xfe\xed\xfa\xce", mach.read),
    (b"\xca\xfe\xba\xbe", mach.read_fat),
    (windows.PDB_MAGIC, windows.read_database),
    (b"MZ", windows.read_program),
    (b"MODULE ", texts.read_breakpad),
    (b"SYSB", _sources),
)

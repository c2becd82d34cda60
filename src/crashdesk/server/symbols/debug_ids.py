"""Debug ids: how the identity of a native build is written, the same in uploads, reports and minidumps.

A debug id is a UUID, and behind it the age of a PDB when it is not 0: ``9fb6a2d3-54f6-4a5e-b9c8-0d0d5e8dbe31-2a``.
"""

import re
from uuid import UUID

_WRITTEN = re.compile(
    r"\{?([0-9a-fA-F]{8})-?([0-9a-fA-F]{4})-?([0-9a-fA-F]{4})-?([0-9a-fA-F]{4})-?([0-9a-fA-F]{12})\}?-?([0-9a-fA-F]{0,8})"
)


def normalise(text: str) -> str:
    """Return a debug id the way it is stored, whichever way it is written; empty for what is none."""
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        return ""
    age = int(found[6] or "0", 16)
    return str(UUID("".join(found.groups()[:5]))) + (f"-{age:x}" if age else "")


def from_build_id(build_id: bytes, *, is_little_endian: bool = True) -> str:
    """Return the debug id that belongs to an ELF build id: its first 16 bytes, read as a GUID of that byte order."""
    head = build_id[:16].ljust(16, b"\0")
    return str(UUID(bytes_le=head) if is_little_endian else UUID(bytes=head))


def from_pdb(guid: bytes, age: int) -> str:
    """Return the debug id of a PDB and of the programs that name it."""
    return normalise(f"{UUID(bytes_le=guid)}-{age:x}")

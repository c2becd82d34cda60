"""Text files: symbols as Breakpad writes them, and ProGuard's mappings of shortened names."""

import re
from hashlib import sha1
from typing import IO
from uuid import NAMESPACE_DNS, UUID, uuid5

from crashdesk.server.symbols import debug_ids
from crashdesk.server.symbols.kinds.facts import MAPPING, SYMTAB, UNWIND, Facts, at
from crashdesk.server.symbols.unreadable import UnreadableFileError

HEAD_BYTES = 64 * 1024
LINE_BYTES = 4096
_BREAKPAD = re.compile(rb"MODULE [^ ]+ ([^ ]+) ([0-9A-Fa-f]{33,40}) (.*)")
_PROGUARD_NAMESPACE = uuid5(NAMESPACE_DNS, "guardsquare.com")


def read_breakpad(file: IO[bytes]) -> Facts:
    lines = at(file, 0, LINE_BYTES, exact=False).splitlines()
    found = _BREAKPAD.fullmatch(lines[0])
    debug_id = debug_ids.normalise(found[2].decode()) if found else ""
    if found is None or not debug_id:
        raise UnreadableFileError("The first line of this Breakpad file names no module.")
    code = next((line.split()[2:3] for line in lines[1:4] if line.startswith(b"INFO CODE_ID ")), [])
    return Facts("breakpad", debug_id, _text(found[1])[:20], _text(*code)[:64].lower(), (SYMTAB, UNWIND), "dbg")


def _text(raw: bytes = b"") -> str:
    """Return bytes of a file as text that every database takes."""
    return raw.replace(b"\0", b"").decode("latin-1")


def read_mapping(file: IO[bytes], name: str) -> Facts:
    """Name a mapping by the UUID in its file name, else, as Sentry's tools do, by that of its content."""
    named = re.search(r"([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})", name)
    if b" -> " not in at(file, 0, HEAD_BYTES, exact=False):
        raise UnreadableFileError("This text file maps no names.")
    file.seek(0)
    own = named[1] if named else str(_uuid_of(file))
    return Facts("proguard", debug_ids.normalise(own), "any", "", (MAPPING,))


def _uuid_of(file: IO[bytes]) -> UUID:
    digest = sha1(_PROGUARD_NAMESPACE.bytes, usedforsecurity=False)
    while piece := file.read(1 << 20):
        digest.update(piece)
    return UUID(bytes=digest.digest()[:16], version=5)


def is_mapping(file: IO[bytes]) -> bool:
    return b" -> " in at(file, 0, HEAD_BYTES, exact=False)

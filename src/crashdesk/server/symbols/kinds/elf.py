"""ELF: programs and debug files of Linux, told by their build id."""

import struct
from dataclasses import dataclass
from typing import IO

from crashdesk.server.symbols import debug_ids
from crashdesk.server.symbols.kinds.facts import (
    DEBUG,
    MOST_BYTES_AT_ONCE,
    MOST_HEADERS,
    SYMTAB,
    UNWIND,
    Facts,
    at,
)
from crashdesk.server.symbols.unreadable import UnreadableFileError

_ELF_MACHINES = {3: "x86", 8: "mips", 20: "ppc", 21: "ppc64", 40: "arm", 62: "x86_64", 183: "arm64", 243: "riscv64"}
_NT_GNU_BUILD_ID = 3
MOST_NOTES = 64  # places that may hold a build id: headers may all name the same bytes
NAME_BYTES = 64  # of a section: the names that matter are short
_SHT_NOBITS, _SHT_NOTE = 8, 7
_PT_INTERP, _PT_NOTE = 3, 4
_ELF_USES = {1: "rel", 2: "exe", 3: "lib", 4: "dump"}
_ELF_FEATURES = (
    (DEBUG, (".debug_info", ".zdebug_info")),
    (SYMTAB, (".symtab", ".dynsym")),
    (UNWIND, (".eh_frame", ".debug_frame", ".zdebug_frame")),
)


@dataclass(frozen=True, slots=True)
class _Elf:
    """The layout of one ELF file: byte order and word size decide where its fields lie."""

    order: str
    is_wide: bool

    def header(self, file: IO[bytes]) -> tuple[int, ...]:
        return struct.unpack(
            f"{self.order}HHI{'QQQ' if self.is_wide else 'III'}IHHHHHH", at(file, 16, 48 if self.is_wide else 36)
        )

    def section(self, raw: bytes) -> tuple[int, int, int, int]:
        """Return name, type, offset and size of a section."""
        if self.is_wide:
            name, kind, _, _, offset, size = struct.unpack(f"{self.order}IIQQQQ", raw[:40])
        else:
            name, kind, _, _, offset, size = struct.unpack(f"{self.order}IIIIII", raw[:24])
        return name, kind, offset, size

    def segment(self, raw: bytes) -> tuple[int, int, int]:
        """Return type, offset and size of a segment."""
        if self.is_wide:
            kind, _, offset, _, _, size = struct.unpack(f"{self.order}IIQQQQ", raw[:40])
        else:
            kind, offset, _, _, size = struct.unpack(f"{self.order}IIIII", raw[:20])
        return kind, offset, size


def read(file: IO[bytes]) -> Facts:
    ident = at(file, 0, 16)
    layout = _Elf("<" if ident[5] == 1 else ">", ident[4] == 2)
    file_type, machine, _, _, segments_at, sections_at, _, _, segment_size, segments, section_size, sections, names = (
        layout.header(file)
    )
    if sections > MOST_HEADERS or segments > MOST_HEADERS:
        raise UnreadableFileError("This ELF file has more headers than are read here.")
    table = [layout.section(at(file, sections_at + place * section_size, section_size)) for place in range(sections)]
    found = {
        name: row for name, row in zip(_section_names(file, table, names), table, strict=True) if row[1] != _SHT_NOBITS
    }
    notes = [(offset, size) for _, kind, offset, size in table if kind == _SHT_NOTE]
    rows = [layout.segment(at(file, segments_at + place * segment_size, segment_size)) for place in range(segments)]
    notes += [(offset, size) for kind, offset, size in rows if kind == _PT_NOTE]
    build_id = next(
        (found_id for place in notes[:MOST_NOTES] if (found_id := _build_id(file, layout.order, *place))), b""
    )
    if not build_id:
        build_id = _hash_of_code(file, found.get(".text"))
    features = tuple(feature for feature, marks in _ELF_FEATURES if any(mark in found for mark in marks))
    debug_id = debug_ids.from_build_id(build_id, is_little_endian=layout.order == "<")
    arch = _ELF_MACHINES.get(machine, f"machine {machine}")
    is_stripped_off = DEBUG in features and ".text" not in found  # the code lies in another file
    is_program = any(kind == _PT_INTERP for kind, _, _ in rows)
    use = "dbg" if is_stripped_off else "exe" if is_program else _ELF_USES.get(file_type, "other")
    return Facts("elf", debug_id, arch, build_id.hex()[:64], features, use)


def _section_names(file: IO[bytes], table: list[tuple[int, int, int, int]], names: int) -> list[str]:
    if not 0 < names < len(table):
        return [str(place) for place in range(len(table))]
    _, _, offset, size = table[names]
    text = at(file, offset, min(size, MOST_BYTES_AT_ONCE), exact=False)
    heads = (text[row[0] : row[0] + NAME_BYTES] for row in table)
    return [head.partition(b"\0")[0].decode("latin-1") for head in heads]


def _build_id(file: IO[bytes], order: str, offset: int, size: int) -> bytes:
    """Return the build id that a list of notes holds, if it does."""
    notes = at(file, offset, min(size, 64 * 1024), exact=False)
    place = 0
    while place + 12 <= len(notes):
        name_size, size, kind = struct.unpack_from(f"{order}III", notes, place)
        name = notes[place + 12 : place + 12 + name_size].rstrip(b"\0")
        start = place + 12 + (name_size + 3) // 4 * 4
        if kind == _NT_GNU_BUILD_ID and name == b"GNU":
            return notes[start : start + min(size, 32)]
        place = start + (size + 3) // 4 * 4
    return b""


def _hash_of_code(file: IO[bytes], text: tuple[int, int, int, int] | None) -> bytes:
    """Return what stands in for a missing build id, as Breakpad has it: the first page of code, folded to 16 bytes."""
    if text is None:
        raise UnreadableFileError("This ELF file has neither a build id nor code: link it with --build-id.")
    page = at(file, text[2], min(text[3], 4096), exact=False)
    folded = bytearray(16)
    for place, byte in enumerate(page):
        folded[place % 16] ^= byte
    return bytes(folded)

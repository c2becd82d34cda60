"""Mach-O: programs and debug files of Apple's systems, told by their UUID."""

import struct
from collections.abc import Iterator
from typing import IO
from uuid import UUID

from crashdesk.server.symbols.kinds.facts import DEBUG, MOST_HEADERS, SYMTAB, UNWIND, Facts, at
from crashdesk.server.symbols.unreadable import UnreadableFileError

_MACH_CPUS = {7: "x86", 0x01000007: "x86_64", 12: "arm", 0x0100000C: "arm64", 0x0200000C: "arm64_32"}
_MACH_USES = {1: "rel", 2: "exe", 4: "dump", 6: "lib", 8: "lib", 10: "dbg"}
_LC_SYMTAB, _LC_UUID, _LC_SEGMENT, _LC_SEGMENT_64 = 0x2, 0x1B, 0x1, 0x19


def read(file: IO[bytes], start: int = 0) -> Facts:
    magic = at(file, start, 4)
    order = "<" if magic in {b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe"} else ">"
    is_wide = magic in {b"\xcf\xfa\xed\xfe", b"\xfe\xed\xfa\xcf"}
    cpu, _, file_type, commands, _ = struct.unpack(f"{order}IIIII", at(file, start + 4, 20))
    place = start + (32 if is_wide else 28)
    uuid, features = b"", set()
    for kind, content in _commands(file, order, place, min(commands, MOST_HEADERS)):
        if kind == _LC_UUID:
            uuid = content[8:24]
        elif kind == _LC_SYMTAB:
            features.add(SYMTAB)
        elif kind in {_LC_SEGMENT, _LC_SEGMENT_64}:
            features |= {DEBUG} if content[8:24].rstrip(b"\0") == b"__DWARF" else set()
            features |= {UNWIND} if b"__unwind_info" in content or b"__eh_frame" in content else set()
    if len(uuid) != 16:
        raise UnreadableFileError("This Mach-O file has no UUID: nothing could find it again.")
    arch, use = _MACH_CPUS.get(cpu, f"cpu {cpu}"), _MACH_USES.get(file_type, "other")
    return Facts("macho", str(UUID(bytes=uuid)), arch, uuid.hex(), tuple(sorted(features)), use)


def _commands(file: IO[bytes], order: str, place: int, count: int) -> Iterator[tuple[int, bytes]]:
    for _ in range(count):
        kind, size = struct.unpack(f"{order}II", at(file, place, 8))
        if size < 8:
            raise UnreadableFileError("A load command of this Mach-O file has no length.")
        yield kind, at(file, place, min(size, 64 * 1024), exact=False)
        place += size


def read_fat(file: IO[bytes]) -> Facts:
    """Read the first architecture of several; clients send each of them as a file of its own."""
    count, _, _, offset = struct.unpack(">IIII", at(file, 4, 16))
    if not 0 < count <= 32:
        raise UnreadableFileError("This is a Java class file, or a Mach-O file of too many architectures.")
    return read(file, offset)

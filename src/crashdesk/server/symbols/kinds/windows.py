"""Windows: programs (PE) and their program databases (PDB), told by the GUID and age that both name."""

import struct
from typing import IO

from crashdesk.server.symbols import debug_ids
from crashdesk.server.symbols.kinds.facts import (
    DEBUG,
    MOST_BYTES_AT_ONCE,
    SYMTAB,
    UNWIND,
    Facts,
    at,
)
from crashdesk.server.symbols.unreadable import UnreadableFileError

_PE_MACHINES = {0x14C: "x86", 0x8664: "x86_64", 0xAA64: "arm64", 0x1C0: "arm", 0x1C4: "arm"}
_IS_DLL = 0x2000
PDB_MAGIC = b"Microsoft C/C++ MSF 7.00\r\n\x1aDS\0\0\0"
_DBI_MACHINES = {0x14C: "x86", 0x8664: "x86_64", 0xAA64: "arm64", 0x1C0: "arm"}


def read_program(file: IO[bytes]) -> Facts:
    (start,) = struct.unpack("<I", at(file, 60, 4))
    if at(file, start, 4) != b"PE\0\0":
        raise UnreadableFileError("This is a program for DOS, without what a debugger needs.")
    machine, sections, stamp, _, _, optional_size, traits = struct.unpack("<HHIIIHH", at(file, start + 4, 20))
    optional = at(file, start + 24, optional_size)
    is_wide = optional[:2] == b"\x0b\x02"
    (image_size,) = struct.unpack_from("<I", optional, 56)
    directories = 112 if is_wide else 96
    address, size = struct.unpack_from("<II", optional, directories + 6 * 8)
    table = start + 24 + optional_size
    place = _file_place(file, table, min(sections, 96), address)
    debug_id = _codeview(file, place, min(size // 28, 16)) if address and place else ""
    if not debug_id:
        raise UnreadableFileError("This program names no PDB: link it with /DEBUG.")
    unwinds = is_wide and struct.unpack_from("<I", optional, directories + 3 * 8)[0] != 0
    arch = _PE_MACHINES.get(machine, f"machine {machine}")
    use = "lib" if traits & _IS_DLL else "exe"
    return Facts("pe", debug_id, arch, f"{stamp:08x}{image_size:x}", (UNWIND,) if unwinds else (), use)


def _file_place(file: IO[bytes], table: int, sections: int, address: int) -> int:
    """Return where in the file what is loaded at `address` lies; 0 for nowhere."""
    for place in range(sections):
        size, start, raw_size, raw = struct.unpack_from("<IIII", at(file, table + place * 40, 40), 8)
        if start <= address < start + max(size, raw_size):
            return int(raw + address - start)
    return 0


def _codeview(file: IO[bytes], place: int, entries: int) -> str:
    """Return the debug id of the PDB that a program's debug directory names."""
    for entry in range(entries):
        kind, size, _, record_at = struct.unpack_from("<IIII", at(file, place + entry * 28, 28), 12)
        if kind == 2 and size >= 24:
            record = at(file, record_at, 24)
            if record[:4] == b"RSDS":
                return debug_ids.from_pdb(record[4:20], struct.unpack("<I", record[20:24])[0])
    return ""


def read_database(file: IO[bytes]) -> Facts:
    """Read streams 1 (who it is) and 3 (for which machine, which age) of a multi-stream file."""
    block, _, _, directory_size, _, map_at = struct.unpack("<IIIIII", at(file, 32, 24))
    if block not in {512, 1024, 2048, 4096, 8192, 16384, 32768} or directory_size > MOST_BYTES_AT_ONCE:
        raise UnreadableFileError("The header of this PDB cannot be read.")
    blocks = -(-directory_size // block)
    numbers = struct.unpack(f"<{blocks}I", at(file, map_at * block, blocks * 4))
    directory = b"".join(at(file, number * block, block, exact=False) for number in numbers)[:directory_size]
    streams = _pdb_streams(directory, block)
    info = _pdb_head(file, streams, 1, block, 28)
    _, _, age, guid = struct.unpack("<III16s", info)
    dbi = _pdb_head(file, streams, 3, block, 64)
    machine = 0
    if len(dbi) == 64:
        (age,), (machine,) = struct.unpack_from("<I", dbi, 8), struct.unpack_from("<H", dbi, 58)
    return Facts("pdb", debug_ids.from_pdb(guid, age), _DBI_MACHINES.get(machine, ""), "", (DEBUG, SYMTAB), "dbg")


def _pdb_streams(directory: bytes, block: int) -> dict[int, tuple[int, int]]:
    """Return size and first block of the first streams that are not empty."""
    (count,) = struct.unpack_from("<I", directory, 0)
    sizes = struct.unpack_from(f"<{min(count, 65536)}I", directory, 4)
    place, found = 4 + 4 * len(sizes), {}
    for number, size in enumerate(sizes[:8]):
        used = 0 if size in {0, 0xFFFFFFFF} else -(-size // block)
        if used:
            found[number] = (size, struct.unpack_from("<I", directory, place)[0])
        place += 4 * used
    return found


def _pdb_head(file: IO[bytes], streams: dict[int, tuple[int, int]], number: int, block: int, size: int) -> bytes:
    """Return the first bytes of a stream, which lie in its first block; empty without one."""
    length, first = streams.get(number, (0, 0))
    return at(file, first * block, size) if length >= size else b""

"""Small debug files of every kind, as compilers and build tools write them, built from their fields."""

import io
import json
import struct
import zipfile
from uuid import UUID

BUILD_ID = bytes(range(20))
UUID_TEXT = "9fb6a2d3-54f6-4a5e-b9c8-0d0d5e8dbe31"


def elf(build_id: bytes = BUILD_ID, *, sections: tuple[str, ...] = (".text", ".debug_info", ".eh_frame")) -> bytes:
    """Return a shared library for x86_64 with these sections, whose content is a few bytes each."""
    note = struct.pack("<III", 4, len(build_id), 3) + b"GNU\0" + build_id
    names = [".note.gnu.build-id"] if build_id else []
    content = dict.fromkeys(names, note) | {name: name.encode() * 4 for name in sections}
    strings, offsets, body, places = b"\0", {}, b"", {}
    for name in [*content, ".shstrtab"]:
        offsets[name] = len(strings)
        strings += name.encode() + b"\0"
    for name, data in {**content, ".shstrtab": strings}.items():
        places[name] = (64 + len(body), len(data))
        body += data + b"\0" * (-len(data) % 8)
    rows = [bytes(64)]
    for name, (offset, size) in places.items():
        kind = 7 if name.startswith(".note") else 3 if name == ".shstrtab" else 1
        rows.append(struct.pack("<IIQQQQIIQQ", offsets[name], kind, 0, 0, offset, size, 0, 0, 1, 0))
    ident = b"\x7fELF\x02\x01\x01" + bytes(9)
    head = struct.pack("<HHIQQQIHHHHHH", 3, 62, 1, 0, 0, 64 + len(body), 0, 64, 0, 0, 64, len(rows), len(rows) - 1)
    return ident + head + body + b"".join(rows)


def mach(uuid: str = UUID_TEXT) -> bytes:
    """Return a dSYM for arm64: its UUID and a segment with DWARF."""
    commands = struct.pack("<II", 0x1B, 24) + UUID(uuid).bytes
    commands += struct.pack("<II16s", 0x19, 72, b"__DWARF") + bytes(48)
    return struct.pack("<4sIIIIIII", b"\xcf\xfa\xed\xfe", 0x0100000C, 0, 10, 2, len(commands), 0, 0) + commands


def fat_mach() -> bytes:
    """Return a file of two architectures, both the same here."""
    inner = mach()
    table = struct.pack(">IIIII", 0x0100000C, 0, 64, len(inner), 0) * 2
    return (b"\xca\xfe\xba\xbe" + struct.pack(">I", 2) + table).ljust(64, b"\0") + inner


def pdb(uuid: str = UUID_TEXT, age: int = 2) -> bytes:
    """Return a program database for x86_64: superblock, directory, and the two streams that say who it is."""
    block = 512
    info = struct.pack("<III16s", 20000404, 0, 1, UUID(uuid).bytes_le)
    dbi = struct.pack("<iII", -1, 19990903, age).ljust(58, b"\0") + struct.pack("<H", 0x8664) + bytes(4)
    sizes = [0, len(info), 0, len(dbi)]
    directory = struct.pack("<I4I", 4, *sizes) + struct.pack("<II", 4, 5)
    magic = b"Microsoft C/C++ MSF 7.00\r\n\x1aDS\0\0\0"
    head = magic + struct.pack("<IIIIII", block, 1, 6, len(directory), 0, 2)
    blocks = [head, b"", struct.pack("<I", 3), directory, info, dbi]
    return b"".join(part.ljust(block, b"\0") for part in blocks)


def pe(uuid: str = UUID_TEXT, age: int = 2) -> bytes:
    """Return a library for 64-bit Windows that names its PDB."""
    record = b"RSDS" + UUID(uuid).bytes_le + struct.pack("<I", age) + b"app.pdb\0"
    entry = struct.pack("<IIHHIIII", 0, 0, 0, 0, 2, len(record), 0x101C, 0x400 + 28)
    optional = bytearray(240)
    optional[:2] = b"\x0b\x02"
    struct.pack_into("<I", optional, 56, 0x5000)
    struct.pack_into("<II", optional, 112 + 6 * 8, 0x1000, 28)
    section = struct.pack("<8sIIII", b".rdata", 0x200, 0x1000, 0x200, 0x400).ljust(40, b"\0")
    head = b"PE\0\0" + struct.pack("<HHIIIHH", 0x8664, 1, 0x65000000, 0, 0, len(optional), 0x2022)
    start = (b"MZ".ljust(60, b"\0") + struct.pack("<I", 64)) + head + optional + section
    return start.ljust(0x400, b"\0") + entry + record


def breakpad(uuid: str = UUID_TEXT, age: int = 1) -> bytes:
    """Return symbols as Breakpad's dumper writes them."""
    module = f"MODULE Linux x86_64 {uuid.replace('-', '').upper()}{age:X} app\n"
    return f"{module}INFO CODE_ID 0102030405060708\nFUNC 1000 10 0 main\n".encode()


def bundle(files: dict[str, tuple[dict, bytes]], **attributes: object) -> bytes:
    """Return a bundle: for each path its entry in the manifest and its bytes."""
    content = io.BytesIO()
    manifest = {**attributes, "files": {path: entry for path, (entry, _) in files.items()}}
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, (_, data) in files.items():
            archive.writestr(path, data)
        archive.writestr("manifest.json", json.dumps(manifest))
    return content.getvalue()


def minified() -> dict[str, tuple[dict, bytes]]:
    """Return a minified script and its source map as sentry-cli bundles them."""
    headers = {"debug-id": UUID_TEXT, "sourcemap": "m.js.map"}
    script = {"url": "~/m.js", "type": "minified_source", "headers": headers}
    source_map = {"url": "~/m.js.map", "type": "source_map", "headers": {"Debug-Id": UUID_TEXT}}
    return {"files/_/_/m.js": (script, b"a()"), "files/_/_/m.js.map": (source_map, b"{}")}

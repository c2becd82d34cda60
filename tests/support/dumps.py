"""Memory dumps and forms as crash handlers send them, built from their fixed structures; hostile ones too."""

import io
import struct
from typing import Any
from uuid import UUID

BOUNDARY = "---------------------------boundary"
CONTENT_TYPE = f"multipart/form-data; boundary={BOUNDARY}"
WINDOWS, LINUX, MACOS = 2, 0x8201, 0x8101
IDENTITY = UUID("5bf0c0de-1111-4222-8333-444455556666")


def a_dump(platform: int = WINDOWS, code: int = 0xC0000005, information: tuple[int, ...] = (0, 0x10)) -> bytes:
    """Build a dump of x86_64 with one module at 0x400000, whose thread crashed at 0x401234."""
    parts = _Parts()
    context = parts.add(b"\0" * 0xF8 + struct.pack("<Q", 0x401234))
    name = parts.add(_text("C:\\Program Files\\Fieldbook\\fieldbook.exe"))
    record = b"RSDS" + IDENTITY.bytes_le + struct.pack("<I", 2) + b"C:\\build\\fieldbook.pdb\0"
    identity = parts.add(record)
    exception = struct.pack(
        "<IIIIQQII15QII",
        *(7, 0, code, 0, 0, 0x401234, len(information), 0),
        *(*information, *[0] * (15 - len(information))),
        *(0x100, context),
    )
    module = struct.pack("<QIIII52xII24x", 0x400000, 0x10000, 0, 0x5EADBEEF, name, len(record), identity)
    system = struct.pack("<HHHBBIIIIIHH", 9, 0, 0, 4, 1, 10, 0, 19045, platform, 0, 0, 0)
    return parts.dump({7: system, 4: struct.pack("<I", 1) + module, 6: exception})


class _Parts:
    """A dump's bytes behind its header: each part knows where it lies."""

    def __init__(self) -> None:
        self._file = io.BytesIO(b"\0" * 32)
        self._file.seek(0, io.SEEK_END)

    def add(self, data: bytes) -> int:
        place = self._file.tell()
        self._file.write(data)
        return place

    def dump(self, streams: dict[int, bytes]) -> bytes:
        entries = b"".join(struct.pack("<III", kind, len(data), self.add(data)) for kind, data in streams.items())
        directory = self.add(entries)
        header = struct.pack("<4sIIIIIQ", b"MDMP", 0xA793, len(streams), directory, 0, 0, 0)
        return header + self._file.getvalue()[32:]


def _text(text: str) -> bytes:
    encoded = text.encode("utf-16-le")
    return struct.pack("<I", len(encoded)) + encoded


def a_form(fields: dict[str, str] | None = None, files: dict[str, bytes] | None = None) -> bytes:
    """Build the body of a form; each file is named like its field."""
    parts: list[bytes] = []
    for name, text in (fields or {}).items():
        parts.append(f'Content-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + text.encode())
    for name, data in (files or {}).items():
        head = f'Content-Disposition: form-data; name="{name}"; filename="{name}"\r\n\r\n'
        parts.append(head.encode() + data)
    mark = f"--{BOUNDARY}".encode()
    return b"".join(mark + b"\r\n" + part + b"\r\n" for part in parts) + mark + b"--\r\n"


def msgpack(value: Any) -> bytes:
    """Write a value in MessagePack's longest forms."""
    if isinstance(value, dict):
        pairs = b"".join(msgpack(key) + msgpack(entry) for key, entry in value.items())
        return b"\xdf" + struct.pack(">I", len(value)) + pairs
    if isinstance(value, list):
        return b"\xdd" + struct.pack(">I", len(value)) + b"".join(map(msgpack, value))
    if isinstance(value, str):
        return b"\xdb" + struct.pack(">I", len(value.encode())) + value.encode()
    if value is None or isinstance(value, bool):
        return {None: b"\xc0", False: b"\xc2", True: b"\xc3"}[value]
    return b"\xd3" + struct.pack(">q", value) if isinstance(value, int) else b"\xcb" + struct.pack(">d", value)

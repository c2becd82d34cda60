"""What a memory dump tells: why the process ended, where, which modules it had loaded, on what system and processor.

Runs in the child process. Only streams of a fixed layout are read, each apart: one that is damaged or missing does not
cost the others. Layouts: minidumpapiset.h of Windows, breakpad's minidump_format.h.
"""

import os
import struct
from collections.abc import Callable
from typing import IO, Any
from uuid import UUID

from crashdesk.server.processor.dumps.codes import CPUS, WINDOWS, name_of, system_of

MAGIC = b"MDMP"
MOST_STREAMS, MOST_MODULES, NAME_BYTES = 200, 2000, 1024
_MODULES, _EXCEPTION, _SYSTEM = 4, 6, 7

_HEADER, _DIRECTORY = struct.Struct("<4sIII"), struct.Struct("<III")
_SYSTEM_INFO = struct.Struct("<HHHBBIIIIIHH")
_EXCEPTION_STREAM = struct.Struct("<IIIIQQII15QII")
_MODULE = struct.Struct("<QIIII52xII24x")
_NUMBER = struct.Struct("<I")
_PROGRAM_COUNTER = {"x86": (0xB8, "<I"), "x86_64": (0xF8, "<Q"), "arm": (0x40, "<I"), "arm64": (0x108, "<Q")}
_IMAGE_TYPES = {"Windows": "pe", "Linux": "elf", "Android": "elf", "macOS": "macho", "iOS": "macho"}


class UnreadableDump(Exception):  # noqa: N818 - named for what it says
    """A file that is no dump, or one of which nothing can be read."""


def facts(file: IO[bytes]) -> dict[str, Any]:
    """Return what the dump tells, as JSON values; raises UnreadableDump."""
    return _Dump(file).facts()


class _Dump:
    """One dump: where its streams lie, and what they say."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._size = file.seek(0, os.SEEK_END)
        self._damaged: list[str] = []
        self._streams = self._directory()
        self._system, self._cpu = "unknown", "unknown"

    def facts(self) -> dict[str, Any]:
        system = self._apart("system", self._system_info, {})
        modules = self._apart("modules", self._module_list, [])
        exception = self._apart("exception", self._exception, None)
        if not (system or modules or exception):
            raise UnreadableDump
        return {"os": system, "cpu": self._cpu, "modules": modules, "exception": exception, "damaged": self._damaged}

    def _apart(self, name: str, read: Callable[[], Any], instead: Any) -> Any:
        try:
            return read()
        except (struct.error, ValueError, OverflowError, KeyError):
            self._damaged.append(name)
            return instead

    def _directory(self) -> dict[int, tuple[int, int]]:
        """Return place and size of each kind of stream; the first of a kind counts."""
        try:
            magic, _, count, place = _HEADER.unpack(self._read(0, _HEADER.size))
            if magic != MAGIC:
                raise UnreadableDump
            streams: dict[int, tuple[int, int]] = {}
            for number in range(min(count, MOST_STREAMS)):
                kind, size, at = _DIRECTORY.unpack(self._read(place + number * _DIRECTORY.size, _DIRECTORY.size))
                streams.setdefault(kind, (at, size))
        except struct.error as error:
            raise UnreadableDump from error
        return streams

    def _system_info(self) -> dict[str, Any]:
        cpu, _, _, cpus, _, major, minor, build, platform, text_at, _, _ = _SYSTEM_INFO.unpack(
            self._read(self._streams[_SYSTEM][0], _SYSTEM_INFO.size)
        )
        self._system, self._cpu = system_of(platform), CPUS.get(cpu, f"cpu {cpu}")
        found = {"name": self._system, "version": f"{major}.{minor}.{build}", "cpus": cpus}
        return found | ({"build": self._text(text_at)} if text_at else {})

    def _module_list(self) -> list[dict[str, Any]]:
        start = self._streams[_MODULES][0]
        (count,) = _NUMBER.unpack(self._read(start, _NUMBER.size))
        start += _NUMBER.size
        places = (start + number * _MODULE.size for number in range(min(count, MOST_MODULES)))
        return [self._module(place) for place in places]

    def _module(self, place: int) -> dict[str, Any]:
        base, size, _, timestamp, name_at, id_size, id_at = _MODULE.unpack(self._read(place, _MODULE.size))
        found: dict[str, Any] = {
            "type": _IMAGE_TYPES.get(self._system, "other"),
            "code_file": self._apart("module name", lambda: self._text(name_at), ""),
            "image_addr": hex(base),
            "image_size": size,
        }
        if self._system == WINDOWS:
            found["code_id"] = f"{timestamp:08x}{size:x}"
        ids: dict[str, Any] = self._apart(
            "module id", lambda: _identity(self._read(id_at, min(id_size, NAME_BYTES))), {}
        )
        return found | ids

    def _exception(self) -> dict[str, Any]:
        thread, _, code, _, _, address, count, _, *information, context_size, context_at = _EXCEPTION_STREAM.unpack(
            self._read(self._streams[_EXCEPTION][0], _EXCEPTION_STREAM.size)
        )
        place = self._apart("registers", lambda: self._program_counter(context_at, context_size), None)
        return {
            "name": name_of(self._system, code, information[: min(count, 15)]),
            "thread_id": thread,
            "address": hex(address),
            "instruction_addr": hex(address if place is None else place),
        }

    def _program_counter(self, context_at: int, context_size: int) -> int:
        """Return where the crashed thread stood; raises KeyError for a processor whose registers are not known."""
        offset, form = _PROGRAM_COUNTER[self._cpu]
        width = struct.calcsize(form)
        if offset + width > context_size:
            raise ValueError(context_size)
        (place,) = struct.unpack(form, self._read(context_at + offset, width))
        return int(place)

    def _text(self, place: int) -> str:
        (size,) = _NUMBER.unpack(self._read(place, _NUMBER.size))
        return self._read(place + _NUMBER.size, min(size, NAME_BYTES)).decode("utf-16-le", "replace").rstrip("\0")

    def _read(self, place: int, size: int) -> bytes:
        """Return bytes, fewer where the file ends: whoever unpacks them notices."""
        if not 0 <= place < self._size:
            return b""
        self._file.seek(place)
        return self._file.read(size)


def _identity(record: bytes) -> dict[str, Any]:
    """Return the ids by which symbols of a module are found, from its CodeView or ELF record."""
    magic, rest = record[:4], record[4:]
    if magic == b"RSDS" and len(rest) >= 20:
        age = int.from_bytes(rest[16:20], "little")
        name = rest[20:].split(b"\0")[0].decode("utf-8", "replace")
        known = {"debug_id": f"{UUID(bytes_le=rest[:16])}{f'-{age:x}' if age else ''}"}
        return known | ({"debug_file": name} if name else {})
    if magic == b"LEpB" and rest:
        return {"debug_id": str(UUID(bytes_le=rest[:16].ljust(16, b"\0"))), "code_id": rest[:64].hex()}
    return {}

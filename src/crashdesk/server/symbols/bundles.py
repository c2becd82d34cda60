"""What a bundle of sources or source maps holds: its manifest, read within bounds; nothing else is unpacked."""

import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any

import orjson

from crashdesk.protocol import foreign
from crashdesk.server.symbols import debug_ids
from crashdesk.server.symbols.unreadable import UnreadableFileError

MANIFEST = "manifest.json"
MANIFEST_BYTES = 32 * 1024 * 1024
MOST_FILES = 50_000
MOST_ENTRIES, ENTRY_BYTES = 200, 128 * 1024 * 1024  # of a zip that is taken apart
UNPACKED_BYTES = 1024 * 1024 * 1024  # all its files together
DIRECTORY_BYTES = 8 * 1024 * 1024  # the zip's own list of files, which is held in memory while it is read

_END = struct.Struct("<4s4H2LH")
_LOCATOR_BYTES = 20  # stands before the end of a wide zip
_BROKEN = (
    zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, OSError, RuntimeError, ValueError,
    struct.error,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class BundledFile:
    """One file of a bundle: its place in the zip, its address, its kind, its debug id and the map that it names."""

    path: str
    url: str = ""
    kind: str = ""
    debug_id: str = ""
    source_map: str = ""


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle's files and what it says of itself."""

    files: tuple[BundledFile, ...]
    attributes: Mapping[str, str]


def read(file: IO[bytes]) -> Bundle:
    """Return what a bundle holds; raises UnreadableFileError for anything that is none, or too large a one."""
    manifest, paths = _manifest(file)
    entries = foreign.mapping(manifest.get("files"))
    if len(entries) > MOST_FILES:
        raise UnreadableFileError(f"The bundle lists more than {MOST_FILES} files: upload it in parts.")
    files = tuple(_file(path, foreign.mapping(entry)) for path, entry in entries.items() if path in paths)
    return Bundle(files, _texts(manifest))


def entries(file: IO[bytes]) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield name and bytes of each file in a small zip; raises UnreadableFileError beyond the bounds."""
    try:
        _check_directory(file)
        with zipfile.ZipFile(file) as archive:
            names = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len(names) > MOST_ENTRIES:
                raise UnreadableFileError(f"The zip holds more than {MOST_ENTRIES} files: upload it in parts.")
            if sum(entry.file_size for entry in names) > UNPACKED_BYTES:  # no file gives more than it announces
                raise UnreadableFileError(f"The zip holds more than {UNPACKED_BYTES} bytes in all: upload it in parts.")
            for entry in names:
                with _opened(archive, entry) as content:
                    yield entry.filename, _bounded(content)
    except _BROKEN as error:
        raise UnreadableFileError("This is no zip that can be read.") from error


def _opened(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> IO[bytes]:
    """Open a file of the zip; only deflate is unpacked in steps, the library gives other methods all at once."""
    if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise UnreadableFileError("The zip is packed in another way than deflate: pack it with that.")
    return archive.open(entry)


def _bounded(content: IO[bytes]) -> Iterator[bytes]:
    size = 0
    while piece := _piece(content):
        size += len(piece)
        if size > ENTRY_BYTES:
            raise UnreadableFileError(f"A file in the zip is larger than {ENTRY_BYTES} bytes: upload it in chunks.")
        yield piece


def _piece(content: IO[bytes]) -> bytes:
    try:
        return content.read(1 << 20)
    except _BROKEN as error:
        raise UnreadableFileError("A file in the zip is damaged.") from error


def attributes_of(file: IO[bytes]) -> Mapping[str, str]:
    """Return what a bundle says of itself, such as its debug id; a header of its own may stand before the zip."""
    return _texts(_manifest(file)[0])


def _manifest(file: IO[bytes]) -> tuple[Mapping[str, Any], frozenset[str]]:
    try:
        _check_directory(file)
        with zipfile.ZipFile(file) as archive:
            with _opened(archive, archive.getinfo(MANIFEST)) as entry:
                content = entry.read(MANIFEST_BYTES + 1)
            paths = frozenset(archive.namelist())
        if len(content) > MANIFEST_BYTES:
            raise UnreadableFileError("The manifest of this bundle is larger than is read here.")
        return foreign.mapping(orjson.loads(content)), paths
    except _BROKEN as error:
        raise UnreadableFileError("This bundle is no zip with a readable manifest.json in it.") from error


def _check_directory(file: IO[bytes]) -> None:
    """Refuse a zip whose list of files would fill the memory: the library reads it whole."""
    file.seek(0, 2)
    size = file.tell()
    file.seek(max(0, size - 65_536 - _END.size - _LOCATOR_BYTES))
    tail = file.read()
    place = tail.rfind(b"PK\x05\x06")
    if place < 0:
        raise UnreadableFileError("This bundle is no zip, or its end is missing.")
    *_, directory_bytes, _offset, _comment = _END.unpack_from(tail, place)
    is_wide = tail[max(0, place - _LOCATOR_BYTES) : place].startswith(b"PK\x06\x07")  # another list counts then
    if is_wide or directory_bytes > DIRECTORY_BYTES:
        raise UnreadableFileError("The bundle holds more files than are read here: upload it in parts.")


def _file(path: str, entry: Mapping[str, Any]) -> BundledFile:
    headers = {str(name).lower(): value for name, value in foreign.mapping(entry.get("headers")).items()}
    return BundledFile(
        path=_cut(path, 500),
        url=_cut(entry.get("url"), 500),
        kind=_cut(entry.get("type"), 24),
        debug_id=debug_ids.normalise(_cut(headers.get("debug-id"), 45)),
        source_map=_cut(headers.get("sourcemap"), 500),
    )


def _cut(value: Any, most: int) -> str:
    return value.replace("\x00", "")[:most] if isinstance(value, str) else ""


def _texts(manifest: Mapping[str, Any]) -> Mapping[str, str]:
    found = {**foreign.mapping(manifest.get("attributes")), **manifest}
    return {str(name): _cut(value, 200) for name, value in found.items() if isinstance(value, str)}

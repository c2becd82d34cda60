"""The file of a backup: a tar under zstd, written as a stream and read as one; no Django.

The first member names the format, so that a newer one is told at once; the last holds size and SHA-256 of all others,
so that a file that ends too early or was changed is told before anything is restored.
"""

import hashlib
import io
import json
import os
import secrets
import tarfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self

import zstandard

from crashdesk import __version__, clock
from crashdesk.errors import StorageError, UsageError

FORMAT = 1
PRODUCT = "crashdesk backup"
HEADER, MANIFEST = "crashdesk.json", "manifest.json"
PIECE_BYTES = 1024 * 1024
MOST_MANIFEST_BYTES = 256_000_000
_LEVEL = 3


class Writer:
    """A backup on its way: it appears under its name when `finish` has synced all of it."""

    def __init__(self, path: Path) -> None:
        """Begin; raises UsageError where a file lies that is no backup, StorageError when nothing can be written."""
        _refuse_foreign(path)
        self._path = path
        self._temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
        self._members: dict[str, tuple[int, str]] = {}
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
            self._file = os.fdopen(os.open(self._temporary, flags, 0o600), "wb")
        except OSError as error:
            raise StorageError(f"{path} cannot be written ({error.strerror}): name another place.") from error
        packer = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True)
        self._stream = packer.stream_writer(self._file, closefd=False)
        self._tar = tarfile.open(fileobj=self._stream, mode="w|", format=tarfile.PAX_FORMAT)  # noqa: SIM115 - closed in finish
        self.bytes_written = 0

    def begin(self, **facts: Any) -> None:
        """Write the header."""
        told = {"product": PRODUCT, "format": FORMAT, "version": __version__, "created_at": clock.now().isoformat()}
        self.add(HEADER, json.dumps(told | facts).encode())

    def add(self, name: str, data: bytes) -> None:
        """Write one small member."""
        self.add_pieces(name, len(data), [data])

    def add_pieces(self, name: str, length: int, pieces: Iterable[bytes]) -> None:
        """Write a member of `length` bytes as it comes; raises StorageError when there are fewer."""
        info = tarfile.TarInfo(name)
        info.size, info.mode = length, 0o600
        source = _Pieces(pieces)
        try:
            self._tar.addfile(info, source)  # type: ignore[arg-type]  # it reads, and asks for nothing else
        except OSError as error:
            raise StorageError(f"The backup cannot be written ({error.strerror or error}).") from error
        self._members[name] = (length, source.digest.hexdigest())
        self.bytes_written += length

    def finish(self, manifest: dict[str, Any]) -> int:
        """Write the manifest, sync, and let the file appear under its name; return its size in bytes."""
        members = {name: {"bytes": length, "sha256": digest} for name, (length, digest) in self._members.items()}
        self.add(MANIFEST, json.dumps({**manifest, "members": members}).encode())
        try:
            self._tar.close()
            self._stream.close()  # type: ignore[no-untyped-call]  # its stubs forget the type
            self._file.flush()
            os.fsync(self._file.fileno())
            size = self._file.tell()
            self._file.close()
            self._temporary.replace(self._path)
            _sync_directory(self._path.parent)
        except OSError as error:
            raise StorageError(f"The backup cannot be written ({error.strerror or error}).") from error
        return size

    def abandon(self) -> None:
        """Leave nothing of an unfinished backup."""
        with suppress(OSError):
            self._file.close()
        self._temporary.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.abandon()  # of a finished one nothing is left under the temporary name


@dataclass(frozen=True, slots=True)
class Member:
    """One member while a backup is read; `file` holds its bytes until the next one is asked for."""

    name: str
    length: int
    file: IO[bytes]

    def pieces(self) -> Iterator[bytes]:
        while piece := self.file.read(PIECE_BYTES):
            yield piece


class Reader:
    """A backup that is read; every way in raises StorageError for a file that is damaged or ends too early."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._file = path.open("rb")
        except OSError as error:
            raise UsageError(f"{path} cannot be read ({error.strerror}): name a backup file.") from error

    def verify(self) -> dict[str, Any]:
        """Read all of it and return its manifest; nothing is written anywhere."""
        with self._damage_told():
            return self._verified()

    def _verified(self) -> dict[str, Any]:
        found: dict[str, dict[str, Any]] = {}
        manifest: dict[str, Any] = {}
        for member in self.members():
            if manifest:
                raise self._damaged()
            if member.name == MANIFEST:
                manifest = self._read_manifest(member)
                continue
            digest = hashlib.sha256()
            for piece in member.pieces():
                digest.update(piece)
            found[member.name] = {"bytes": member.length, "sha256": digest.hexdigest()}
        if not manifest or manifest.get("members") != found:
            raise self._damaged()
        return manifest

    def members(self) -> Iterator[Member]:
        """Yield every member from the beginning; the header is checked on the way."""
        self._file.seek(0)
        with self._damage_told(), ExitStack() as stack:
            stream = stack.enter_context(zstandard.ZstdDecompressor().stream_reader(self._file, closefd=False))
            tar = stack.enter_context(tarfile.open(fileobj=stream, mode="r|"))
            for number, info in enumerate(tar):
                file = tar.extractfile(info)
                if file is None or (number == 0) != (info.name == HEADER):
                    raise self._damaged()
                if number == 0:
                    content = file.read(PIECE_BYTES)
                    self._check_header(content)
                    file = io.BytesIO(content)
                yield Member(info.name, info.size, file)
            while rest := stream.read(PIECE_BYTES):  # the padding, and behind it the checksum of the whole
                if rest.strip(b"\0"):
                    raise self._damaged()

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _check_header(self, content: bytes) -> None:
        header = _json_object(content)
        if header.get("product") != PRODUCT:
            raise self._damaged()
        if header.get("format") != FORMAT:
            raise StorageError(
                f"{self._path} was written by a newer Crashdesk ({header.get('version')}): install that or a later one."
            )

    def _read_manifest(self, member: Member) -> dict[str, Any]:
        if member.length > MOST_MANIFEST_BYTES:
            raise self._damaged()
        return _json_object(member.file.read())

    @contextmanager
    def _damage_told(self) -> Iterator[None]:
        try:
            yield
        except (zstandard.ZstdError, tarfile.TarError, EOFError) as error:
            raise self._damaged() from error

    def _damaged(self) -> StorageError:
        return StorageError(
            f"{self._path} is no whole backup: it is damaged, ends too early, or is something else. Use another one."
        )


class _Pieces:
    """Reads like a file from pieces, and takes their digest on the way."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._rest = memoryview(b"")
        self.digest = hashlib.sha256()

    def read(self, length: int) -> bytes:
        """Return up to `length` bytes, fewer only at the end."""
        found: list[memoryview] = []
        while length > 0 and self._fill():
            found.append(self._rest[:length])
            self._rest = self._rest[length:]
            length -= len(found[-1])
        content = b"".join(found)
        self.digest.update(content)
        return content

    def _fill(self) -> bool:
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return False
            self._rest = memoryview(piece)
        return True


def _refuse_foreign(path: Path) -> None:
    """Raise UsageError where a file lies that is no backup of ours: it is not ours to replace."""
    if not path.exists():
        return
    if not path.is_file() or path.is_symlink():
        raise UsageError(f"{path} is no plain file: name another one.")
    try:
        with Reader(path) as reader:
            next(reader.members(), None)
    except StorageError as error:
        raise UsageError(f"{path} is there and is no backup of Crashdesk: name another file.") from error


def _json_object(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

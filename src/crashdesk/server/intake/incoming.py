"""Large bodies on their way in: each a file of its own, as it came, complete and synced before its row is.

Only the collector writes and removes files here: while a body comes, and when its row is forgotten. A file that no row
names is what a crash left; it goes at the collector's next start.
"""

import os
import re
import secrets
import threading
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from crashdesk.errors import StorageError

DIRECTORY = "incoming"
CHUNK_BYTES = 256 * 1024

_NAME = re.compile(r"[0-9a-f]{32}\.body")
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def is_incoming(name: str) -> bool:
    """Whether a row's `body_file` names a file here; else it is the reference of a blob."""
    return _NAME.fullmatch(name) is not None


class Incoming:
    """The directory of incoming bodies in a data directory."""

    def __init__(self, data: Path) -> None:
        self._directory = data / DIRECTORY
        self._is_prepared = False

    def create(self) -> "BodyWriter":
        """Begin a file; raises StorageError when none can be made."""
        return self._begin(f"{secrets.token_hex(16)}.body")

    def adopt(self, name: str, pieces: Iterable[bytes]) -> None:
        """Keep the body `name` of a backup; raises StorageError when it cannot be kept."""
        self._path(name)
        body = self._begin(name)
        for piece in pieces:
            body.write(piece)
        body.finish()

    def _begin(self, name: str) -> "BodyWriter":
        try:
            self._prepare()
            return BodyWriter(self._directory, name)
        except OSError as error:
            raise StorageError(f"A large body cannot be kept in {self._directory} ({error.strerror}).") from error

    def _prepare(self) -> None:
        """Make the directory, and at the first use be sure that it outlives a power loss: who made it may be dead."""
        if not self._is_prepared:
            self._directory.mkdir(mode=0o700, exist_ok=True)
            _sync_directory(self._directory.parent)
            self._is_prepared = True

    def pieces(self, name: str) -> Iterator[bytes]:
        """Yield the body `name` as it came; raises StorageError when it cannot be read."""
        try:
            with os.fdopen(os.open(self._path(name), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb", 0) as file:
                while chunk := file.read(CHUNK_BYTES):
                    yield chunk
        except OSError as error:
            raise StorageError(f"The large body {name} cannot be read ({error.strerror}).") from error

    def size(self, name: str) -> int:
        """Return how many bytes the body `name` has; raises StorageError when it is not there."""
        try:
            return self._path(name).lstat().st_size
        except OSError as error:
            raise StorageError(f"The large body {name} cannot be read ({error.strerror}).") from error

    def is_there(self, name: str) -> bool:
        return self._path(name).exists()

    def remove(self, names: Collection[str]) -> None:
        """Remove the bodies of rows that are forgotten; what cannot go now goes when the collector starts again."""
        for name in filter(is_incoming, names):
            with suppress(OSError):
                self._path(name).unlink()

    def sweep(self, known: Collection[str]) -> int:
        """Remove every file that no row names, and return how many there were."""
        try:
            stray = [name for name in os.listdir(self._directory) if name not in known]  # noqa: PTH208 - names only
        except FileNotFoundError:
            return 0
        except OSError as error:
            raise StorageError(f"{self._directory} cannot be read ({error.strerror}).") from error
        for name in stray:
            with suppress(OSError):
                (self._directory / name).unlink()
        return len(stray)

    def _path(self, name: str) -> Path:
        if not is_incoming(name):
            raise StorageError(f"{name!r} does not name a large body.")
        return self._directory / name


class BodyWriter:
    """One body that is coming in; it may be discarded while another thread still writes."""

    def __init__(self, directory: Path, name: str) -> None:
        self._directory = directory
        self.name = name
        self._lock = threading.Lock()
        self._descriptor = os.open(directory / name, _NEW, 0o600)

    def write(self, content: bytes) -> None:
        """Add to the file; raises StorageError when the disk is full."""
        rest = memoryview(content)
        try:
            with self._lock:
                while rest:
                    rest = rest[os.write(self._descriptor, rest) :]
        except OSError as error:
            raise StorageError(f"A large body cannot be kept ({error.strerror}).") from error

    def finish(self) -> None:
        """Make file and name survive a power loss; raises StorageError when that is not certain."""
        try:
            with self._lock:
                os.fsync(self._descriptor)
                self._close()
            _sync_directory(self._directory)
        except OSError as error:
            raise StorageError(f"A large body cannot be synced ({error.strerror}).") from error

    def discard(self) -> None:
        """Remove the file: its body was refused, or its sender left."""
        with self._lock:
            self._close()
        with suppress(OSError):
            (self._directory / self.name).unlink()

    def _close(self) -> None:
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

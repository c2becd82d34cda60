"""A lock file that dies with its process: the operating system lets go of it however the process ends.

POSIX record locks are used, not flock: a forked child does not inherit them, so a child that outlives its parent
does not keep the parent's lock. Their price is that closing any descriptor of the file releases them, hence the
list of what this process holds.
"""

import os
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from crashdesk.errors import StorageError
from crashdesk.outbox.location import open_private_file

_held: dict[str, int] = {}  # path -> process that holds it; a forked child sees its parent's number
_guard = threading.Lock()


def _renew_guard() -> None:
    """Give a forked child a free guard: a thread of the parent may have held the old one."""
    global _guard  # noqa: PLW0603 - what a fork leaves behind can only be replaced
    _guard = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_guard)

if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    _probe = _lock
else:
    import fcntl

    def _try(descriptor: int, kind: int) -> bool:
        try:
            fcntl.lockf(descriptor, kind | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def _lock(descriptor: int) -> bool:
        return _try(descriptor, fcntl.LOCK_EX)

    def _probe(descriptor: int) -> bool:
        return _try(descriptor, fcntl.LOCK_SH)


class FileLock:
    """One held lock; `acquire` returns None when another process (or this one) has it already."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor
        self._pid = os.getpid()

    @classmethod
    def acquire(cls, path: Path, *, must_exist: bool = False) -> Self | None:
        """Take the lock `path`, made if need be; with `must_exist` a missing file is a FileNotFoundError."""
        with _guard:
            if _held.get(str(path)) == os.getpid():
                return None
            descriptor = open_private_file(path, os.O_RDWR if must_exist else os.O_RDWR | os.O_CREAT)
            if not _lock(descriptor) or os.fstat(descriptor).st_nlink == 0:
                os.close(descriptor)
                return None
            _held[str(path)] = os.getpid()
            return cls(path, descriptor)

    def release(self, *, remove: bool = False) -> None:
        """Let go, and `remove` the file first where its name is not used again."""
        with _guard:
            if self._descriptor < 0 or self._pid != os.getpid():
                return
            if remove and sys.platform != "win32":
                self.path.unlink(missing_ok=True)
            os.close(self._descriptor)
            self._descriptor = -1
            _held.pop(str(self.path), None)
            if remove and sys.platform == "win32":
                self.path.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def is_held(path: Path) -> bool:
    """Say whether a living process holds the lock `path`; looking never keeps anybody from taking it for long."""
    with _guard:
        if _held.get(str(path)) == os.getpid():
            return True
        try:
            descriptor = open_private_file(path, os.O_RDONLY if sys.platform != "win32" else os.O_RDWR)
        except (FileNotFoundError, StorageError):
            return False
        try:
            return not _probe(descriptor)
        finally:
            os.close(descriptor)

"""One open outbox file: usable from any thread, reopened after a fork, replaced when it is damaged or moved away."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from crashdesk import clock, logs
from crashdesk.errors import StorageError
from crashdesk.outbox import schema
from crashdesk.outbox.location import create_private_file
from crashdesk.outbox.locks import FileLock
from crashdesk.outbox.sqlite import BUSY_SECONDS, connect, library

T = TypeVar("T")

_log = logs.logger("outbox")
_inherited: list[Any] = []  # connections of a parent process: never used, never closed, see _after_fork
_SUFFIXES = ("-wal", "-shm", "-journal", "")  # the file itself last: a new one must not meet an old log
_REOPENED = 1 << 32


class DamagedError(Exception):
    """The file is no database (any more)."""


class Database:
    """Runs functions on the connection, each in a transaction of its own, and keeps that connection fit for use."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._changes = 0
        self._connection: Any = None
        self._identity: tuple[int, int] | None = None
        self._lock = threading.RLock()
        self._pid = os.getpid()

    def read(self, work: Callable[[Any], T]) -> T:
        """Return what `work` reads from one consistent state."""
        return self._run(work, "BEGIN")

    def write(self, work: Callable[[Any], T]) -> T:
        """Return the result of `work` once what it wrote is safe on the disk."""
        with self._own_lock():
            result = self._run(work, "BEGIN IMMEDIATE")
            self._changes += 1
            return result

    def changes(self) -> int:
        """Return a number that differs after anybody, this process included, has changed the file."""
        with self._own_lock():
            foreign = self._attempt(lambda connection: int(connection.execute("PRAGMA data_version").fetchone()[0]))
            return self._changes + foreign

    def checkpoint(self) -> None:
        """Empty the write-ahead log, so that deleted words are in no file; others at work may put it off."""
        self._attempt(lambda connection: connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone())

    def close(self) -> None:
        with self._own_lock():
            self._drop_connection()

    def _run(self, work: Callable[[Any], T], begin: str) -> T:
        def in_transaction(connection: Any) -> T:
            with _transaction(connection, begin):
                return work(connection)

        return self._attempt(in_transaction, joined=work)

    def _attempt(self, work: Callable[[Any], T], joined: Callable[[Any], T] | None = None) -> T:
        with self._own_lock():
            if self._connection is not None and self._connection.in_transaction:
                # called from within `work` on the same thread, for instance by a finalizer that failed
                return (joined or work)(self._connection)
            try:
                return self._once(work)
            except DamagedError:
                self.set_aside()
                return self._once(work)

    def _once(self, work: Callable[[Any], T]) -> T:
        try:
            result = work(self._open())
            if self._is_moved():  # set aside by another process while we wrote: once more, into the new file
                result = work(self._open())
        except library().Error as error:
            raise _translated(error, self.path) from error
        return result

    def _own_lock(self) -> threading.RLock:
        if self._pid != os.getpid():
            self._after_fork()
        return self._lock

    def _after_fork(self) -> None:
        """Leave the parent's connection alone: closing it here would touch the parent's files."""
        if self._connection is not None:
            _inherited.append(self._connection)
        self._connection = None
        self._lock = threading.RLock()  # another thread of the parent may have held it
        self._pid = os.getpid()

    def _open(self) -> Any:
        if self._is_moved():
            self._drop_connection()
        if self._connection is None:
            create_private_file(self.path)
            self._identity = _identity(self.path)
            connection = connect(self.path)
            try:
                schema.upgrade(connection)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
            self._changes += _REOPENED  # the number that SQLite counts from begins anew
        return self._connection

    def _is_moved(self) -> bool:
        return self._connection is not None and _identity(self.path) != self._identity

    def _drop_connection(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def set_aside(self) -> None:
        """Move the damaged file away unless another process has done so already."""
        self._drop_connection()
        with _repair_lock(self.path):
            if self._identity is None or _identity(self.path) != self._identity:
                return
            target = _free_name(self.path)
            for suffix in _SUFFIXES:
                source = Path(f"{self.path}{suffix}")
                if source.exists():
                    source.replace(f"{target}{suffix}")
            _log.warning("The outbox was damaged; it was set aside as %s and a new one begun.", target.name)


@contextmanager
def _transaction(connection: Any, begin: str) -> Iterator[None]:
    connection.execute(begin)
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def _repair_lock(path: Path) -> Iterator[None]:
    """Let one process at a time judge and move the file."""
    deadline = clock.monotonic() + BUSY_SECONDS
    while (lock := FileLock.acquire(path.with_suffix(".repair-lock"))) is None:
        if clock.monotonic() > deadline:
            raise StorageError(f"The outbox {path} is damaged and another program keeps it: close that program.")
        clock.sleep(0.02)
    try:
        yield
    finally:
        lock.release(remove=True)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        facts = path.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StorageError(
            f"The outbox {path} cannot be reached ({error.strerror}): make its folder readable."
        ) from error
    return facts.st_dev, facts.st_ino


def _free_name(path: Path) -> Path:
    number = 1
    while (target := path.with_name(f"{path.stem}.damaged-{number}{path.suffix}")).exists():
        number += 1
    return target


_REASONS: tuple[tuple[str, str], ...] = (
    ("full", "the disk is full: make room, then it goes on by itself"),
    ("readonly", "the file or its folder is read-only: make it writable, then it goes on by itself"),
    ("locked", "another program keeps it locked: close that program"),
    ("unable to open", "it could not be opened: make its folder readable and writable"),
    ("i/o error", "the disk reported an error: check the disk and its free space"),
)


def _translated(error: Exception, path: Path) -> Exception:
    text = str(error).lower()
    if "malformed" in text or "not a database" in text or "file is encrypted" in text:
        return DamagedError(text)
    reason = next((reason for word, reason in _REASONS if word in text), str(error))
    return StorageError(f"The outbox {path} cannot be used: {reason}.")

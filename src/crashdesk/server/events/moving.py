"""Who may move, remove or overwrite blobs: one at a time, and nobody while somebody copies them.

On SQLite the lock is a file in the data directory, on PostgreSQL it is the database's: both end with their holder.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection

from crashdesk import clock
from crashdesk.errors import StorageError

LOCK = "moving.lock"
_NUMBER = 0x6372646D  # "crdm": one of our advisory locks
_LOOK_SECONDS = 0.05


@contextmanager
def unmoved() -> Iterator[None]:
    """Wait until nobody moves blobs, and let nobody do so meanwhile: for copying them."""
    with _held(is_shared=True, waits=True):
        yield


@contextmanager
def moving(*, waits: bool = True) -> Iterator[bool]:
    """Be the only one who moves blobs; yield whether that is so, which without `waits` it may not be."""
    with _held(is_shared=False, waits=waits) as is_held:
        yield is_held


@contextmanager
def _held(*, is_shared: bool, waits: bool) -> Iterator[bool]:
    if connection.vendor == "postgresql":
        with _held_in_database(is_shared, waits) as is_held:
            yield is_held
        return
    descriptor = _opened()
    try:
        yield _flock(descriptor, fcntl.LOCK_SH if is_shared else fcntl.LOCK_EX, waits)
    finally:
        os.close(descriptor)


def _opened() -> int:
    data = settings.CRASHDESK_DATA
    if data is None:
        raise StorageError("No data directory is set: name it with --data or CRASHDESK_DATA.")
    try:
        return os.open(data / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise StorageError(f"{data / LOCK} cannot be used ({error.strerror}): check its owner and mode.") from error


def _flock(descriptor: int, how: int, waits: bool) -> bool:
    try:
        fcntl.flock(descriptor, how if waits else how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _held_in_database(is_shared: bool, waits: bool) -> Iterator[bool]:
    suffix = "_shared" if is_shared else ""
    while not (is_held := _asked(f"SELECT pg_try_advisory_lock{suffix}(%s, 0)")) and waits:
        clock.sleep(_LOOK_SECONDS)  # a wait inside the database would hold back whoever vacuums
    try:
        yield is_held
    finally:
        if is_held:
            _asked(f"SELECT pg_advisory_unlock{suffix}(%s, 0)")


def _asked(statement: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(statement, (_NUMBER,))
        return bool(cursor.fetchone()[0])

"""Small steps on files that survive a power loss: whole writes, synced folders, overwriting that gives space back."""

import ctypes
import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_KEEP_SIZE, _PUNCH_HOLE = 1, 2
_ZEROS = bytes(1024 * 1024)


def open_to_read(path: Path) -> int:
    return os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)


def write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def write_all_at(descriptor: int, data: bytes, offset: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(descriptor, view, offset)
        view, offset = view[written:], offset + written


def sync_directory(directory: Path) -> None:
    """Make names in `directory` survive a power loss."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_zeros(descriptor: int, offset: int, length: int) -> None:
    """Overwrite a part of a file with zeros; sync before the space is given back with `give_back`."""
    while length > 0:
        step = min(length, len(_ZEROS))
        write_all_at(descriptor, _ZEROS[:step], offset)
        offset, length = offset + step, length - step


def give_back(descriptor: int, offset: int, length: int) -> None:
    """Let the disk have the blocks of a part that holds zeros only, where the system can do that."""
    if sys.platform != "linux":
        return
    fallocate = ctypes.CDLL(None, use_errno=True).fallocate
    fallocate.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_longlong, ctypes.c_longlong]
    fallocate(descriptor, _PUNCH_HOLE | _KEEP_SIZE, offset, length)  # a file system that cannot keeps the zeros


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file `path`, waiting for it; it is free as soon as its holder has died."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def remove(path: Path) -> None:
    """Remove a file for good; one that is gone already is no error."""
    with suppress(FileNotFoundError):
        path.unlink()
        sync_directory(path.parent)

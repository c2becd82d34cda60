"""Opens SQLite files for the server's processes; only these make ``import sqlite3`` mean the chosen library."""

import os
import sqlite3
import sys
from pathlib import Path

from crashdesk.errors import StorageError
from crashdesk.sqlite_library import is_wal_safe, library

__all__ = ["CHECKPOINT_PAGES", "journal_mode", "library", "open_for_reading", "open_for_writing", "swap_in", "sync"]

# of the write-ahead log, 16 MB: pages that change with every commit go into the file once in a while, not each time,
# and who commits waits for these syncs less often
CHECKPOINT_PAGES = 4000


def swap_in() -> None:
    """Make ``import sqlite3`` mean `library` in this process, for Django; only for processes that are the server's."""
    chosen = library()
    if chosen is not sqlite3:
        sys.modules["sqlite3"] = sys.modules[chosen.__name__.partition(".")[0]]
        sys.modules["sqlite3.dbapi2"] = chosen


def journal_mode() -> str:
    """Return the journal that is safe with the library at hand."""
    return "WAL" if is_wal_safe() else "DELETE"


def open_for_writing(path: Path, *, timeout_seconds: float = 20.0) -> sqlite3.Connection:
    """Open `path` for a thread that owns it, fully synced at each commit; transactions begin and end by hand."""
    connection: sqlite3.Connection = library().connect(
        path, timeout=timeout_seconds, isolation_level=None, check_same_thread=False
    )
    connection.execute(f"PRAGMA journal_mode={journal_mode()}")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA journal_size_limit=67108864")
    connection.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}")
    return connection


def open_for_reading(path: Path, *, timeout_seconds: float = 5.0) -> sqlite3.Connection:
    """Open an existing `path` so that nothing can be written through this connection."""
    connection: sqlite3.Connection = library().connect(
        f"{path.resolve().as_uri()}?mode=ro",
        uri=True,
        timeout=timeout_seconds,
        isolation_level=None,
        check_same_thread=False,
    )
    return connection


def sync(path: Path) -> None:
    """Make what was committed to `path` without a sync outlive a power loss; raises StorageError when it cannot."""
    for file in (path.with_name(f"{path.name}-wal"), path):  # the order in which pages travel
        try:
            descriptor = os.open(file, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError:  # a log that was folded in
            continue
        except OSError as error:
            raise _not_synced(file, error) from error
        try:
            os.fsync(descriptor)
        except OSError as error:
            raise _not_synced(file, error) from error
        finally:
            os.close(descriptor)


def _not_synced(file: Path, error: OSError) -> StorageError:
    return StorageError(f"{file} cannot be synced ({error.strerror}).")

"""Picks the SQLite library of the server's processes and opens files with it.

SQLite 3.7.0 to 3.51.2 can corrupt a WAL database when two connections write and checkpoint at the same instant, so the
newer library of the pysqlite3 package is taken where it is installed; with an old library the journal is not a WAL.
"""

import sqlite3
import sys
from contextlib import suppress
from pathlib import Path
from types import ModuleType

WAL_SAFE_VERSION = (3, 51, 3)


def library() -> ModuleType:
    """Return the DB-API module to use: pysqlite3's where it is installed, else Python's own."""
    with suppress(ImportError):
        import pysqlite3.dbapi2  # optional: there are machines without a wheel

        return pysqlite3.dbapi2  # type: ignore[no-any-return]
    return sqlite3


def swap_in() -> None:
    """Make ``import sqlite3`` mean `library` in this process, for Django; only for processes that are the server's."""
    chosen = library()
    if chosen is not sqlite3:
        sys.modules["sqlite3"] = sys.modules[chosen.__name__.partition(".")[0]]
        sys.modules["sqlite3.dbapi2"] = chosen


def journal_mode() -> str:
    """Return the journal that is safe with the library at hand."""
    return "WAL" if library().sqlite_version_info >= WAL_SAFE_VERSION else "DELETE"


def open_for_writing(path: Path, *, timeout_seconds: float = 20.0) -> sqlite3.Connection:
    """Open `path` for a thread that owns it, fully synced at each commit; transactions begin and end by hand."""
    connection: sqlite3.Connection = library().connect(
        path, timeout=timeout_seconds, isolation_level=None, check_same_thread=False
    )
    connection.execute(f"PRAGMA journal_mode={journal_mode()}")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA journal_size_limit=67108864")
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

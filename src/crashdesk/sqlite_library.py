"""Picks the SQLite library for product, agent and server, and knows from which version on its write-ahead log is safe.

SQLite before 3.51.3 can, rarely, corrupt a file in WAL mode when two connections checkpoint at the same instant
(sqlite.org/wal.html, "WAL-reset bug"). The newer library of the package pysqlite3 is taken where it is installed; with
an old one a file keeps a rollback journal. No module of the host is swapped: it keeps its own ``sqlite3``.
"""

import functools
import sqlite3
from types import ModuleType

WAL_SAFE_SINCE = (3, 51, 3)


@functools.cache
def library() -> ModuleType:
    """Return the DB-API module to use: pysqlite3's where it is installed, else Python's own."""
    try:
        import pysqlite3.dbapi2  # here, since there are machines without a wheel
    except ImportError:
        return sqlite3
    return pysqlite3.dbapi2  # type: ignore[no-any-return]  # it has no type information


def is_wal_safe(version: tuple[int, ...] | None = None) -> bool:
    """Say whether this SQLite (or the given version) is free of the WAL-reset bug."""
    return (version or library().sqlite_version_info) >= WAL_SAFE_SINCE

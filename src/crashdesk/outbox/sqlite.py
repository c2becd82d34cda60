"""Opens an outbox's file so that a commit survives a power cut, with the journal that is safe with this library."""

from pathlib import Path
from typing import Any

from crashdesk import logs
from crashdesk.sqlite_library import is_wal_safe, library

__all__ = ["BUSY_SECONDS", "connect", "library"]

BUSY_SECONDS = 5.0
_JOURNAL_LIMIT_BYTES = 4 * 1024 * 1024

_log = logs.logger("outbox")


def connect(path: Path) -> Any:
    """Open `path` in autocommit mode; transactions are begun by the caller. The connection may change threads."""
    connection = library().connect(str(path), timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        _configure(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _configure(connection: Any) -> None:
    is_new = connection.execute("PRAGMA schema_version").fetchone()[0] == 0
    if is_new:
        connection.execute("PRAGMA auto_vacuum=FULL")  # a delivered report gives its space back at once
    mode = _choose_journal(connection, is_new=is_new)
    # EXTRA also syncs the folder after the journal is deleted; with FULL alone a power cut could undo the commit
    connection.execute(f"PRAGMA synchronous={'FULL' if mode == 'wal' else 'EXTRA'}")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA secure_delete=ON")  # what the person deletes is gone, not only unlinked
    connection.execute(f"PRAGMA journal_size_limit={_JOURNAL_LIMIT_BYTES}")


def _choose_journal(connection: Any, *, is_new: bool) -> str:
    """Set the journal; a file once on a rollback journal stays so, since an older library may share it."""
    current: str = connection.execute("PRAGMA journal_mode").fetchone()[0]
    if is_wal_safe():
        return _set_journal(connection, "wal") if is_new else current
    if current != "wal":
        return current
    chosen = _set_journal(connection, "delete")
    if chosen == "wal":
        _log.warning("SQLite %s shares a WAL file with a newer one: update it.", library().sqlite_version)
    return chosen


def _set_journal(connection: Any, mode: str) -> str:
    try:
        return str(connection.execute(f"PRAGMA journal_mode={mode}").fetchone()[0])
    except library().OperationalError:  # another process has the file open and keeps its mode
        return str(connection.execute("PRAGMA journal_mode").fetchone()[0])

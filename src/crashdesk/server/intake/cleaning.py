"""Makes a SQLite file forget what was deleted from it: its pages are written anew and its log is emptied.

The intake is written by the collector only. Whoever erases data asks it by a file in the data directory; it answers by
removing that file once every row that was accepted before has gone and the intake was rewritten.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crashdesk import clock
from crashdesk.errors import StorageError
from crashdesk.server import installation
from crashdesk.server.intake import sqlite

REQUEST = "intake.clean"
EVERY_SECONDS = 600.0  # so that what was processed is nowhere for long, whether anybody asks or not
MOST_ROWS = 1000  # more than these are not copied only because it is time
_LOOK_SECONDS = 0.05


def ask(data: Path, position: int) -> None:
    """Ask the collector to rewrite its file once rows up to `position` have gone."""
    installation.replace_file(data / REQUEST, str(position).encode())


def is_asked(data: Path) -> bool:
    return (data / REQUEST).exists()


class Cleaner:
    """The collector's side: rewrites its file when it was asked to, and now and then by itself."""

    def __init__(self, connection: sqlite3.Connection, data: Path) -> None:
        self._connection = connection
        self._data = data
        self._due_at = clock.monotonic() + EVERY_SECONDS

    def look(self) -> bool:
        """Rewrite the file when that is asked for or due, unless many rows lie in it; return whether it was done.

        Belongs to the thread that writes the intake, which must not wait: what a reader hinders is tried again.
        """
        asked = self._asked()
        if asked is None and clock.monotonic() < self._due_at:
            return False
        few = "SELECT 1 FROM intake LIMIT 1 OFFSET ?"
        left = "SELECT 1 FROM intake WHERE position <= ? LIMIT 1"
        hindered = (left, (asked,)) if asked is not None else (few, (MOST_ROWS,))
        if self._connection.execute(*hindered).fetchone() or not vacuum(self._connection, patience_seconds=0.0):
            return False
        self._due_at = clock.monotonic() + EVERY_SECONDS
        if asked is not None:
            (self._data / REQUEST).unlink(missing_ok=True)
        return True

    def _asked(self) -> int | None:
        """Return up to which position rows must have gone before the file is rewritten, if that was asked for."""
        try:
            return int((self._data / REQUEST).read_text("ascii"))
        except (FileNotFoundError, ValueError):
            return None


def forget(connection: sqlite3.Connection, position: int) -> None:
    """Delete rows of an intake up to `position`, for who owns the file while no server runs."""
    connection.execute("DELETE FROM intake WHERE position <= ?", (position,))


def vacuum(connection: sqlite3.Connection, *, patience_seconds: float = 30.0) -> bool:
    """Write the file anew and empty its log; return False when readers kept the log from that for so long."""
    until = clock.monotonic() + patience_seconds
    try:
        connection.execute("VACUUM")
        before = connection.execute("PRAGMA busy_timeout").fetchone()[0]
        connection.execute("PRAGMA busy_timeout=0")  # a log that is read is no trouble, but must not be waited for
        try:
            while connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
                if clock.monotonic() >= until:
                    return False
                clock.sleep(_LOOK_SECONDS)
        finally:
            connection.execute(f"PRAGMA busy_timeout={int(before)}")
    except sqlite.library().Error as error:
        raise StorageError(f"The file could not be rewritten ({error}): check the disk's space, then again.") from error
    return True


@contextmanager
def owned(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a SQLite file to rewrite it; others wait for it meanwhile."""
    try:
        connection = sqlite.open_for_writing(path)
    except sqlite.library().Error as error:
        raise StorageError(f"{path} cannot be opened ({error}): check the disk and the file.") from error
    try:
        connection.execute("PRAGMA secure_delete=ON")
        yield connection
    finally:
        connection.close()

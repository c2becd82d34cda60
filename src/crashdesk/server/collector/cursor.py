"""How far the processor has safely come: what lies before may be forgotten by the intake.

The main database is committed without a sync, so that a power loss may take back its last transactions and the cursor
with them. The collector therefore syncs that database's files itself before it forgets what they have taken over.
"""

import sqlite3
from pathlib import Path

from crashdesk.errors import StorageError
from crashdesk.server.intake import sqlite

_SELECT = "SELECT position FROM events_intakecursor WHERE name = 'processor'"  # other rows are its private notes


def read_cursor(connection: sqlite3.Connection) -> int:
    """Return the position up to which the processor has stored; 0 before its first batch."""
    try:
        row = connection.execute(_SELECT).fetchone()
    except sqlite.library().Error as error:
        raise StorageError(f"The processor's position cannot be read ({error}).") from error
    return int(row[0]) if row else 0


class SafeCursor:
    """The cursor, but only as far as it would outlive a power loss."""

    def __init__(self, main: Path) -> None:
        self._main = main
        self._connection = sqlite.open_for_reading(main)
        self._synced = 0

    def position(self) -> int:
        """Return the cursor after making sure that the disk has it."""
        position = read_cursor(self._connection)
        if position > self._synced:
            sqlite.sync(self._main)
            self._synced = position
        return self._synced

    def close(self) -> None:
        self._connection.close()

"""The projects' keys as the collector sees them: read from the main database, kept until another process changes it."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

from crashdesk import clock
from crashdesk.errors import StorageError
from crashdesk.server.collector.authentication import Key
from crashdesk.server.intake import sqlite

CHECK_EVERY_SECONDS = 1.0
_SELECT = "SELECT public_key, id, project_id, is_active, allowed_origins FROM projects_projectkey"


class KeyTable:
    """All keys in memory; a switched off key is noticed within a second, a new one at its first use."""

    def __init__(self, connection: sqlite3.Connection, monotonic: Callable[[], float]) -> None:
        self._connection = connection
        self._monotonic = monotonic
        self._version = -1
        self._checked_at = -CHECK_EVERY_SECONDS
        self._keys: dict[str, Key] = {}

    @classmethod
    def open(cls, main: Path, monotonic: Callable[[], float] = clock.monotonic) -> "KeyTable":
        return cls(sqlite.open_for_reading(main), monotonic)

    def find(self, public_key: str) -> Key | None:
        """Return the key, or None; the database is looked at when the last look is old or the key is not known.

        Raises StorageError when it cannot be read: then nobody knows whether the key is good.
        """
        now = self._monotonic()
        if now - self._checked_at >= CHECK_EVERY_SECONDS or public_key not in self._keys:
            self._refresh()
            self._checked_at = now
        return self._keys.get(public_key)

    def close(self) -> None:
        self._connection.close()

    def _refresh(self) -> None:
        try:
            version = self._connection.execute("PRAGMA data_version").fetchone()[0]
            if version != self._version:
                self._keys = {row[0]: _key(*row[1:]) for row in self._connection.execute(_SELECT)}
                self._version = version
        except sqlite.library().Error as error:
            raise StorageError(f"The projects' keys cannot be read ({error}).") from error


def _key(key_id: int, project_id: int, is_active: int, origins: str) -> Key:
    return Key(key_id, project_id, bool(is_active), tuple(json.loads(origins)))

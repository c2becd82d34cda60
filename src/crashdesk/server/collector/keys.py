"""The projects' keys as the collector sees them: read from the main database, kept until another process changes it."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from crashdesk import clock
from crashdesk.errors import StorageError
from crashdesk.server.collector.authentication import Key
from crashdesk.server.intake import sqlite

CHECK_EVERY_SECONDS = 1.0

QUERIES = {  # on SQLite and PostgreSQL
    "keys": (
        "SELECT public_key, id, project_id, is_active, allowed_origins, reports_per_minute FROM projects_projectkey"
    ),
    "projects": "SELECT id, has_spike_protection, kept_items FROM projects_project",
    "quotas": "SELECT project_id, category, window_seconds, quantity FROM projects_projectquota",
}
Tables = Mapping[str, Sequence[Sequence[Any]]]


class Keys(Protocol):
    """Where the collector looks a key up."""

    def find(self, public_key: str) -> Key | None:
        """Return the key, or None when there is none; raises StorageError when nobody knows."""

    @property
    def is_database_away(self) -> bool:
        """Whether they are known from before only."""

    def close(self) -> None:
        """Let connections go."""


def built(tables: Tables) -> dict[str, Key]:
    """Return the keys from the rows of `QUERIES`: each knows what its project allows."""
    quotas: dict[int, list[tuple[str, int, int]]] = defaultdict(list)
    for project_id, *quota in tables["quotas"]:
        quotas[project_id].append((str(quota[0]), int(quota[1]), int(quota[2])))
    projects = {row[0]: (bool(row[1]), tuple(_listed(row[2]))) for row in tables["projects"]}
    return {row[0]: _key(row, projects, tuple(quotas[row[2]])) for row in tables["keys"] if row[2] in projects}


def _key(
    row: Sequence[Any], projects: Mapping[int, tuple[bool, tuple[str, ...]]], quotas: tuple[tuple[str, int, int], ...]
) -> Key:
    _, key_id, project_id, is_active, origins, reports_per_minute = row
    has_spike_protection, kept_items = projects[project_id]
    return Key(
        key_id=key_id,
        project_id=project_id,
        is_active=bool(is_active),
        allowed_origins=tuple(_listed(origins)),
        reports_per_minute=reports_per_minute,
        has_spike_protection=has_spike_protection,
        kept_items=kept_items,
        quotas=quotas,
    )


def _listed(column: Any) -> list[str]:
    """Return a JSON column as a list: SQLite gives its text, PostgreSQL what it says."""
    found: list[str] = json.loads(column) if isinstance(column, str) else column
    return found


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

    @property
    def is_database_away(self) -> bool:
        """Say no: the database is a file here, and who cannot read it is told at the next look."""
        return False

    def close(self) -> None:
        self._connection.close()

    def _refresh(self) -> None:
        try:
            version = self._connection.execute("PRAGMA data_version").fetchone()[0]
            if version != self._version:
                self._keys = built(
                    {name: self._connection.execute(query).fetchall() for name, query in QUERIES.items()}
                )
                self._version = version
        except sqlite.library().Error as error:
            raise StorageError(f"The projects' keys cannot be read ({error}).") from error

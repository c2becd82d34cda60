"""The queue from collector to processor: one SQLite file, written by the collector only, committed with full sync.

Positions grow and never repeat. The processor reads after its cursor, which lives in the main database beside what it
stored, so each row is processed exactly once; the collector forgets rows once that cursor is safely on disk.
"""

import os
import secrets
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Self

from crashdesk.errors import StorageError
from crashdesk.server.installation import sync_directory
from crashdesk.server.intake import sqlite
from crashdesk.server.intake.cleaning import Cleaner
from crashdesk.server.intake.incoming import Incoming

FORGET_PORTION = 1000  # rows deleted in one commit, so that reports that wait for theirs do not wait long

_SCHEMA = """
CREATE TABLE IF NOT EXISTS intake (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    project_id INTEGER NOT NULL,
    key_id INTEGER NOT NULL,
    received_at REAL NOT NULL,
    envelope_id TEXT,
    encoding TEXT NOT NULL,
    route TEXT NOT NULL,
    remote TEXT NOT NULL,
    content_type TEXT NOT NULL DEFAULT '',
    items TEXT NOT NULL DEFAULT '',
    body_file TEXT NOT NULL DEFAULT '',
    body BLOB NOT NULL
)"""  # the body is the last, so that nobody reads through it for a column behind it
_FILES = "CREATE INDEX IF NOT EXISTS intake_files ON intake (body_file) WHERE body_file <> ''"
_IDENTITY = "CREATE TABLE IF NOT EXISTS identity (id TEXT NOT NULL)"
_ADDED = ("content_type", "items", "body_file")  # columns that files written by 0.1 do not have
_COLUMNS = "project_id, key_id, received_at, envelope_id, encoding, route, remote, body, content_type, items, body_file"
_INSERT = f"INSERT INTO intake ({_COLUMNS}) VALUES ({', '.join('?' * 11)})"  # noqa: S608 - names from above
_RESTORE = f"INSERT INTO intake (position, {_COLUMNS}) VALUES ({', '.join('?' * 12)})"  # noqa: S608 - names from above
_FORGET = (
    "DELETE FROM intake WHERE position IN (SELECT position FROM intake WHERE position <= ? ORDER BY position LIMIT ?)"
    " RETURNING body_file"
)
_SELECT = f"SELECT position, {_COLUMNS} FROM intake WHERE position > ? ORDER BY position LIMIT ?"  # noqa: S608 - as above


@dataclass(frozen=True, slots=True)
class NewIntake:
    """What the collector accepted: the body as it came, and what the request said beside it.

    `encoding` is the content encoding ("" for none), `route` says how to read the decoded body (``intake.reading``),
    `received_at` is in seconds since 1970, `envelope_id` has 32 hex digits or is None, `remote` is an IP address.
    `content_type` is the request's, where the route needs it to read the body. `items` counts what the door saw in it,
    as ``event=1 attachment=2``, for the account of what became of each. A large body lies in the file `body_file` of
    the directory of incoming bodies, as it came, and `body` is empty.
    """

    project_id: int
    key_id: int
    received_at: float
    envelope_id: str | None
    encoding: str
    route: str
    remote: str
    body: bytes
    content_type: str = ""
    items: str = ""
    body_file: str = ""


@dataclass(frozen=True, slots=True)
class IntakeRow(NewIntake):
    """One accepted body at its place in the queue."""

    position: int = 0


class IntakeWriter:
    """The collector's side; one writer a file, used by one thread at a time."""

    def __init__(self, connection: sqlite3.Connection, cleaner: Cleaner, bodies: Incoming | None = None) -> None:
        self._connection = connection
        self._cleaner = cleaner
        self._bodies = bodies

    @classmethod
    def open(cls, path: Path, *, beyond: int = 0, bodies: Incoming | None = None) -> Self:
        """Open or create the queue at `path`; new positions are greater than `beyond`, the processor's cursor.

        Large bodies lie in `bodies` and go with their rows. Raises StorageError when the file cannot be used.
        """
        try:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
            connection = sqlite.open_for_writing(path)
            connection.execute(_SCHEMA)
            _add_columns(connection)
            connection.execute(_FILES)
            _give_identity(connection)
            sync_directory(path.parent)  # SQLite does so for its log only
            _begin_beyond(connection, beyond)
        except (OSError, sqlite.library().Error) as error:
            raise StorageError(f"The intake {path} cannot be opened ({error}): check the disk and the file.") from error
        return cls(connection, Cleaner(connection, path.parent), bodies)

    def append(self, news: Sequence[NewIntake]) -> None:
        """Add `news` in one commit; when this returns they survive a power loss.

        Raises StorageError when nothing of it was kept, for example because the disk is full.
        """
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany(_INSERT, map(_values, news))
            self._connection.execute("COMMIT")
        except sqlite.library().Error as error:
            self._undo()
            raise StorageError(f"Nothing was accepted: the intake cannot be written ({error}).") from error

    def restore(self, rows: Sequence[IntakeRow]) -> None:
        """Add rows of a backup at their own positions, in one commit."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany(_RESTORE, ((row.position, *_values(row)) for row in rows))
            self._connection.execute("COMMIT")
        except sqlite.library().Error as error:
            self._undo()
            raise StorageError(f"The intake cannot be restored ({error}).") from error

    def forget(self, up_to_position: int) -> int:
        """Delete a portion of the rows up to and including `up_to_position`; return how many, 0 when none is left."""
        try:
            forgotten = self._connection.execute(_FORGET, (up_to_position, FORGET_PORTION)).fetchall()
        except sqlite.library().Error as error:
            self._undo()
            raise StorageError(f"Processed rows stay in the intake for now ({error}).") from error
        if self._bodies is not None:
            self._bodies.remove([name for (name,) in forgotten if name])
        return len(forgotten)

    def clean(self) -> bool:
        """Let the file forget deleted rows when that is asked for or due; return whether it was rewritten."""
        try:
            return self._cleaner.look()
        except sqlite.library().Error as error:
            raise StorageError(f"The intake is not rewritten for now ({error}).") from error

    def sweep(self) -> int:
        """Remove large bodies that no row names, which a crash left, and return how many there were."""
        if self._bodies is None:
            return 0
        named = self._connection.execute("SELECT body_file FROM intake WHERE body_file <> ''")
        return self._bodies.sweep({name for (name,) in named})

    def close(self) -> None:
        self._connection.close()

    def _undo(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")


class IntakeReader:
    """The side of the processor and of statistics: reads, never writes."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open the queue at `path`; raises StorageError while the collector has not yet made it."""
        try:
            connection = sqlite.open_for_reading(path)
            connection.execute(_SELECT, (0, 1)).fetchone()  # all columns: a file of an earlier version has fewer
        except sqlite.library().Error as error:
            raise StorageError(f"The intake {path} cannot be read ({error}): is the collector running?") from error
        return cls(connection)

    def after(self, position: int, limit: int, *, most_bytes: int | None = None) -> list[IntakeRow]:
        """Return up to `limit` rows behind `position`, oldest first; none more once bodies reach `most_bytes`."""
        rows: list[IntakeRow] = []
        size = 0
        for first, *rest in self._connection.execute(_SELECT, (position, limit)):
            rows.append(IntakeRow(position=first, **dict(zip(_NAMES, rest, strict=True))))
            size += len(rows[-1].body)
            if most_bytes is not None and size >= most_bytes:
                break
        return rows

    def waiting(self, position: int) -> int:
        """Return how many rows lie behind `position`."""
        return int(
            self._connection.execute("SELECT count(*) FROM intake WHERE position > ?", (position,)).fetchone()[0]
        )

    def items_behind(self, position: int) -> list[tuple[int, str, int]]:
        """Return project, items as the door counted them and how many such rows lie behind `position`."""
        grouped = "SELECT project_id, items, count(*) FROM intake WHERE position > ? GROUP BY project_id, items"
        return list(self._connection.execute(grouped, (position,)))

    def identity(self) -> str:
        """Return what tells this file from every other one, also from one that takes its place."""
        return str(self._connection.execute("SELECT id FROM identity").fetchone()[0])

    def received(self) -> int:
        """Return the last position that was given: how many bodies were ever accepted."""
        row = self._connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'intake'").fetchone()
        return int(row[0]) if row else 0

    def close(self) -> None:
        self._connection.close()


_NAMES = tuple(_COLUMNS.split(", "))
_values = attrgetter(*_NAMES)


def _add_columns(connection: sqlite3.Connection) -> None:
    """Bring a file of an earlier version up to date."""
    present = {row[1] for row in connection.execute("PRAGMA table_info(intake)")}
    for name in _ADDED if present else ():
        if name not in present:
            connection.execute(f"ALTER TABLE intake ADD COLUMN {name} TEXT NOT NULL DEFAULT ''")


def bring_up_to_date(path: Path) -> None:
    """Give a file of an earlier version the columns that it lacks; does nothing where there is no file."""
    if not path.exists():
        return
    try:
        with closing(sqlite.open_for_writing(path)) as connection:
            _add_columns(connection)
    except sqlite.library().Error as error:
        raise StorageError(f"The intake {path} cannot be brought up to date ({error}): check the disk.") from error


def _give_identity(connection: sqlite3.Connection) -> None:
    connection.execute(_IDENTITY)
    connection.execute(
        "INSERT INTO identity (id) SELECT ? WHERE NOT EXISTS (SELECT 1 FROM identity)", (secrets.token_hex(16),)
    )


def _begin_beyond(connection: sqlite3.Connection, position: int) -> None:
    """Raise the next position above `position`: a queue begun anew must not give those the processor has seen."""
    connection.execute("BEGIN IMMEDIATE")
    found = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'intake'").fetchone()
    if found is None:
        connection.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('intake', ?)", (position,))
    elif found[0] < position:
        connection.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = 'intake'", (position,))
    connection.execute("COMMIT")

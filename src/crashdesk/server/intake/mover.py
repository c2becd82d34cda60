"""Hands what this machine's collector has accepted on to the intake of all nodes, in order, each row once.

A batch of rows and the mark how far this file has come go into PostgreSQL in one transaction. Whatever fails is done
again from the mark: what was committed without our hearing of it is not handed on twice. Until then rows stay in the
file, so that reports are accepted while PostgreSQL is away.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crashdesk import clock, logs
from crashdesk.errors import StorageError
from crashdesk.server.intake import postgres
from crashdesk.server.intake.blobs import BlobStore, Kind, Owner
from crashdesk.server.intake.incoming import Incoming, is_incoming
from crashdesk.server.intake.queue import IntakeRow
from crashdesk.server.intake.spool import Spool
from crashdesk.server.intake.table import CHANNEL, COLUMNS

if TYPE_CHECKING:
    import psycopg

BATCH_ROWS = 500
BATCH_BYTES = 16_000_000
LOOK_SECONDS = 1.0
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.2, 2.0
LAST_SECONDS = 1.0  # at the end of the process: what is not handed on by then waits for the next start

_COPY = f"COPY intake ({', '.join(COLUMNS)}) FROM STDIN (FORMAT BINARY)"
_TYPES = ("int8", "int8", "float8", "text", "text", "text", "text", "bytea", "text", "text", "text")
_MARK = """
INSERT INTO intake_marker (source, position, moved) VALUES (%(source)s, %(position)s, %(moved)s)
ON CONFLICT (source) DO UPDATE SET position = excluded.position, moved = intake_marker.moved + excluded.moved
WHERE intake_marker.position = %(before)s
"""
_DURABLE = "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"

log = logs.logger("collector")


@dataclass(frozen=True, slots=True)
class Route:
    """From where to where: the file and its large bodies, the database's address, the blobs that all nodes see."""

    file: Path
    incoming: Incoming
    url: str
    blobs: Callable[[], BlobStore]


class Mover:
    """A thread that hands rows on as they come; `handed_on` is called after each commit."""

    def __init__(self, route: Route, handed_on: Callable[[], None] = lambda: None) -> None:
        self._route = route
        self._handed_on = handed_on
        self._spool = Spool(route.file)
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._safe: int | None = None
        self._thread = threading.Thread(target=self._work, name="intake mover", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """Say that there are new rows."""
        self._wake.set()

    def position(self) -> int | None:
        """Return up to where the rows are safe in PostgreSQL; None before it was asked."""
        return self._safe

    def stop(self) -> None:
        """Hand on what can be handed on at once, and end the thread."""
        self._stopping.set()
        self._wake.set()
        self._thread.join()

    def _work(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while not self._stopping.is_set():
            try:
                with postgres.connect(self._route.url, "mover") as connection:
                    connection.execute(_DURABLE)
                    pause = FIRST_PAUSE_SECONDS
                    self._follow(connection)
            except (StorageError, postgres.library().Error) as error:
                log.warning("Reports wait on this machine: %s", postgres.reason_of(error))
                self._spool.close()
                self._stopping.wait(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
        self._spool.close()

    def _follow(self, connection: "psycopg.Connection[Any]") -> None:
        """Hand on whatever comes, while the connection lives; at a stop what is there."""
        before = self._safe = _marker(connection, self._spool.source())
        deadline: float | None = None
        while True:
            self._wake.clear()
            rows = self._spool.after(before, BATCH_ROWS, most_bytes=BATCH_BYTES)
            if rows:
                self._hand_on(connection, rows, before)
                before = self._safe = rows[-1].position
                self._handed_on()
            if self._stopping.is_set():
                deadline = deadline or clock.monotonic() + LAST_SECONDS
                if not rows or clock.monotonic() > deadline:
                    return
            elif not rows:
                self._wake.wait(LOOK_SECONDS)

    def _hand_on(self, connection: "psycopg.Connection[Any]", rows: Sequence[IntakeRow], before: int) -> None:
        ready = [self._with_blob(row) if row.body_file else row for row in rows]
        with connection.transaction():
            with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
                copy.set_types(_TYPES)
                for row in ready:
                    copy.write_row([_clean(getattr(row, name)) for name in COLUMNS])
            self._mark(connection, rows, before)
            connection.execute(f"NOTIFY {CHANNEL}")

    def _mark(self, connection: "psycopg.Connection[Any]", rows: Sequence[IntakeRow], before: int) -> None:
        facts = {"source": self._spool.source(), "position": rows[-1].position, "moved": len(rows), "before": before}
        if connection.execute(_MARK, facts).rowcount != 1:
            raise StorageError("Another process hands on the same file: end it.")

    def _with_blob(self, row: IntakeRow) -> IntakeRow:
        """Put a large body where all nodes see it, and name that in the row.

        A row of a backup may name a blob already. One whose file is gone goes on as it is: the processor tells people
        that its body is missing, and those behind it do not wait for ever.
        """
        if not is_incoming(row.body_file) or not self._route.incoming.is_there(row.body_file):
            return row
        owner = Owner(Kind.INTAKE, row.project_id, int(row.body_file[:32], 16))
        reference = self._route.blobs().put(self._route.incoming.pieces(row.body_file), owner)
        return replace(row, body_file=reference)


def _marker(connection: "psycopg.Connection[Any]", source: str) -> int:
    found = connection.execute("SELECT position FROM intake_marker WHERE source = %s", (source,)).fetchone()
    return int(found[0]) if found else 0


def _clean(value: Any) -> Any:
    """Return `value` as PostgreSQL takes it: no text there holds a NUL."""
    return value.replace("\0", "") if isinstance(value, str) else value

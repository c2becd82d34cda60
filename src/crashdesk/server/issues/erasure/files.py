"""Makes files forget deleted rows: the database or its tables are rewritten, and the collector's intake."""

from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from django.db import connection

from crashdesk import clock
from crashdesk.errors import StorageError
from crashdesk.server import installation
from crashdesk.server.events.queries import intake_position
from crashdesk.server.installation import Installation
from crashdesk.server.intake import cleaning
from crashdesk.server.intake.queue import IntakeReader

Say = Callable[[str], None]
LOOK_SECONDS = 0.2
PROCESSOR, COLLECTOR = "processor", "collector"  # roles whose holder is looked for
PATIENCE_SECONDS = 600.0
_APPS = ("events", "issues", "feedback", "sessions", "outcomes", "projects", "symbols")


def wait_until_processed(server: Installation, say: Say) -> None:
    """Wait until what was accepted before now is processed, so that all of it can be found.

    Raises StorageError when it does not come to that: reports wait and no server runs that would take them.
    """
    accepted, shared = _accepted(server)
    until = clock.monotonic() + PATIENCE_SECONDS
    while waiting := max(0, accepted - _taken(server)) + _waiting_in_table(shared):
        if not installation.is_held(server.data, PROCESSOR):
            raise StorageError(f"{waiting} reports wait to be processed: start the server, then erase.")
        if clock.monotonic() > until:
            raise StorageError(f"{waiting} reports still wait to be processed: erase again when they are.")
        say(f"Waiting until {waiting} accepted reports are processed.")
        clock.sleep(LOOK_SECONDS)


def rewrite(server: Installation, say: Say) -> None:
    """Rewrite every file in which deleted rows may still be read."""
    say("Rewriting the database without what was deleted.")
    if connection.vendor == "postgresql":
        _vacuum_tables()
    else:
        _vacuum_file(server.main)
    if server.intake.exists():
        say("Rewriting the intake without what was processed.")
        _clean_intake(server)


def overwrite_deleted() -> None:
    """Let this connection overwrite what it deletes from now on; PostgreSQL does so when it vacuums."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete=ON")


def _vacuum_file(main: Path) -> None:
    """Write the database anew and empty its log; people and the processor wait meanwhile, nothing fails."""
    connection.close()  # its snapshot would keep the log from being emptied
    with cleaning.owned(main) as own:
        _vacuum(own)


def _vacuum(own: Any) -> None:
    if not cleaning.vacuum(own):
        raise StorageError("The log of the database is still in use by a reader: erase again in a while.")


def _vacuum_tables() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename")
        tables = [name for (name,) in cursor.fetchall() if name.startswith(tuple(f"{app}_" for app in _APPS))]
        for name in tables:
            cursor.execute(f"VACUUM {connection.ops.quote_name(name)}")


def _clean_intake(server: Installation) -> None:
    accepted, _ = _accepted(server)
    if not installation.is_held(server.data, COLLECTOR):
        with cleaning.owned(server.intake) as own:
            cleaning.forget(own, _taken(server))
            _vacuum(own)
        return
    cleaning.ask(server.data, accepted)
    until = clock.monotonic() + PATIENCE_SECONDS
    while cleaning.is_asked(server.data):
        if clock.monotonic() > until:
            raise StorageError("The intake is not clean yet: the collector does that as soon as it has processed rows.")
        clock.sleep(LOOK_SECONDS)


def _accepted(server: Installation) -> tuple[int, int]:
    """Return the last position of this node's intake, and of the one that all nodes share."""
    if not server.intake.exists():
        return 0, 0
    with closing(IntakeReader.open(server.intake)) as reader:
        received = reader.received()
    return received, _one("SELECT coalesce(max(position), 0) FROM intake") if server.database else 0


def _taken(server: Installation) -> int:
    """Return up to which position this node's intake was processed, or handed on to the shared one."""
    if not server.database:
        return intake_position()
    if not server.intake.exists():
        return 0
    with closing(IntakeReader.open(server.intake)) as reader:
        return _one("SELECT coalesce(max(position), 0) FROM intake_marker WHERE source = %s", [reader.identity()])


def _waiting_in_table(position: int) -> int:
    return _one("SELECT count(*) FROM intake WHERE position <= %s", [position]) if position else 0


def _one(statement: str, parameters: Sequence[int | str] = ()) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return int(cursor.fetchone()[0])

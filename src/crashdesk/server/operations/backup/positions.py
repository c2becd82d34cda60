"""How far the stored rows reach into the intake, what the shared intake holds, and the state of the tables."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from crashdesk.server.events.models import Event, IntakeCursor
from crashdesk.server.events.queries import PROCESSOR, intake_position
from crashdesk.server.installation import Installation
from crashdesk.server.intake.queue import IntakeRow
from crashdesk.server.intake.spool import Spool
from crashdesk.server.intake.table import COLUMNS

RESTORED = "restored"  # stands for the files of all nodes before a restore
_PORTION_ROWS = 200


def stored_up_to(server: Installation) -> int:
    """Return up to which position the rows of this node's file are stored, or handed on to all nodes."""
    if connection.vendor == "sqlite":
        return intake_position()
    with closing(Spool(server.intake)) as spool:
        return dict(_markers()).get(spool.source(), 0)


def facts(server: Installation, received_here: int) -> dict[str, Any]:
    """Return what a restore must know besides the rows: asked within the unmoving view."""
    stored = stored_up_to(server)
    waiting = max(0, received_here - stored)  # positions have no gaps
    applied = MigrationRecorder(connection).applied_migrations()
    ids = Event.objects.order_by("id").values_list("id", flat=True)
    return {
        "stored_up_to": stored,
        "finished": stored if connection.vendor == "sqlite" else _moved() - _shared_count(),
        "waiting_here": waiting,
        "markers": [] if connection.vendor == "sqlite" else _markers(),
        "migrations": sorted([app, name] for app, name in applied),
        "event_ids": [ids.first() or 0, ids.last() or 0],
    }


def shared_rows() -> Iterator[IntakeRow]:
    """Yield the rows in the intake that all nodes share, a portion at a time; none on SQLite."""
    if connection.vendor == "sqlite":
        return
    statement = f"SELECT position, {', '.join(COLUMNS)} FROM intake WHERE position > %s ORDER BY position LIMIT %s"  # noqa: S608 - names of ours
    position = -1
    with connection.cursor() as cursor:
        while True:
            cursor.execute(statement, [position, _PORTION_ROWS])
            found = cursor.fetchall()
            if not found:
                return
            for row in found:
                named = dict(zip(COLUMNS, row[1:], strict=True))
                yield IntakeRow(position=row[0], **{**named, "body": bytes(named["body"])})
            position = found[-1][0]


def continue_after(finished: int, markers: list[list[Any]]) -> None:
    """Note what was finished before the backup.

    On SQLite that is the processor's position. On PostgreSQL this node's file begins anew, other nodes go on where
    they were, and what had been handed on is one sum.
    """
    if connection.vendor == "sqlite":
        IntakeCursor.objects.update_or_create(name=PROCESSOR, defaults={"position": finished})
        return
    with connection.cursor() as cursor:
        insert = "INSERT INTO intake_marker (source, position, moved) VALUES (%s, %s, %s)"
        cursor.executemany(insert, [(source, position, 0) for source, position in markers if source != RESTORED])
        cursor.execute(insert, (RESTORED, 0, finished))


def _markers() -> list[tuple[str, int]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT source, position FROM intake_marker")
        return [(str(source), int(position)) for source, position in cursor.fetchall()]


def _moved() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(sum(moved), 0) FROM intake_marker")
        return int((cursor.fetchone() or [0])[0])


def _shared_count() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM intake")
        return int((cursor.fetchone() or [0])[0])

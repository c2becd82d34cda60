"""Partitions of the events on PostgreSQL: one a month of their ids, made ahead; old ones go when they are empty.

Whatever has no partition of its own lies in the default one, so that nothing is ever refused. On SQLite there are none.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import OperationalError, connection, transaction

from crashdesk import logs
from crashdesk.server.events.ids import first_at, time_of

TABLE = "events_event"
MONTHS_AHEAD = 2
_KEPT_FOR = timedelta(days=62)  # a partition younger than this stays, empty or not
_LOCK = 0x63726470  # "crdp": one of our advisory locks
_PATIENCE = "2s"  # for the lock that a change of partitions takes: whoever reads events waits behind it

_OF_MONTH = re.compile(rf"{TABLE}_m([0-9]{{4}})([0-9]{{2}})")

_log = logs.logger("processor")


def look_after(now: datetime) -> None:
    """Make the partitions of this month and the next ones, and drop old ones that are empty."""
    if connection.vendor != "postgresql":
        return
    month = _start_of_month(now)
    for _ in range(MONTHS_AHEAD + 1):
        _while_nobody_else(_make, month)
        month = _next_month(month)
    for name, end in _present():
        if end <= now - _KEPT_FOR:
            _while_nobody_else(_drop_if_empty, name)


def cover(first_id: int, last_id: int) -> None:
    """Make the partitions of all months between two ids, for who stores old events."""
    if connection.vendor != "postgresql":
        return
    month = _start_of_month(time_of(first_id))
    while first_at(month) <= last_id:
        _while_nobody_else(_make, month)
        month = _next_month(month)


def _while_nobody_else(change: Any, what: Any) -> None:
    """Change partitions in a transaction of its own; what is in use for long is left for the next time."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", (_LOCK,))
            cursor.execute(f"SET LOCAL lock_timeout = '{_PATIENCE}'")
            change(cursor, what)
    except OperationalError as error:
        _log.warning("The partitions of events stay as they are for now: %s", str(error).strip())


def _make(cursor: Any, month: datetime) -> None:
    """Make the partition of a month, with what of it lies in the default one."""
    name, first, behind = _name(month), first_at(month), first_at(_next_month(month))
    cursor.execute("SELECT to_regclass(%s) IS NOT NULL", (name,))
    if cursor.fetchone()[0]:
        return
    cursor.execute(f"LOCK TABLE {TABLE}_default IN ACCESS EXCLUSIVE MODE")
    cursor.execute(f"CREATE TABLE {name} (LIKE {TABLE} INCLUDING ALL)")
    moved = f"WITH moved AS (DELETE FROM {TABLE}_default WHERE id >= %s AND id < %s RETURNING *)"  # noqa: S608 - ours
    cursor.execute(f"{moved} INSERT INTO {name} SELECT * FROM moved", (first, behind))  # noqa: S608 - the names are ours
    cursor.execute(f"ALTER TABLE {TABLE} ATTACH PARTITION {name} FOR VALUES FROM ({first}) TO ({behind})")


def _drop_if_empty(cursor: Any, name: str) -> None:
    cursor.execute(f"LOCK TABLE {TABLE}, {name} IN ACCESS EXCLUSIVE MODE")
    cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {name})")  # noqa: S608 - the name is one of ours
    if not cursor.fetchone()[0]:
        cursor.execute(f"DROP TABLE {name}")


def _present() -> Iterator[tuple[str, datetime]]:
    """Yield the partitions of months and when each ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = %s::regclass", (TABLE,))
        names = [name for (name,) in cursor.fetchall()]
    for name in names:
        if found := _OF_MONTH.fullmatch(name):
            yield name, _next_month(datetime(int(found[1]), int(found[2]), 1, tzinfo=UTC))


def _name(month: datetime) -> str:
    return f"{TABLE}_m{month:%Y%m}"


def _start_of_month(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _next_month(month: datetime) -> datetime:
    return _start_of_month(month + timedelta(days=32))

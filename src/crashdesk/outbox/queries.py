"""The outbox's reads inside a transaction."""

from collections.abc import Collection
from typing import Any, NamedTuple

from crashdesk.outbox.facts import CONSENT
from crashdesk.outbox.quota import Entry
from crashdesk.outbox.reports import CLIENT_REPORT, COLUMNS, UNSENT, Report, State

_COLUMNS = ", ".join(f"r.{name}" for name in COLUMNS)

# Due: ready, or its time has come. A time that was set "in the future" means that the clock was put back since.
_IS_DUE = "(r.state = 'ready' OR (r.state IN ('later', 'claimed') AND (r.next_at <= :now OR r.changed_at > :now + 1)))"
# A refusal holds back all that the person did not send themselves after it.
_IS_ALLOWED = "(:refused_at IS NULL OR COALESCE(r.approved_at, 0) >= :refused_at)"


class Due(NamedTuple):
    """Numbers of the reports that can be claimed: crashes newest first, feedback oldest first."""

    crashes: list[int]
    feedback: list[int]


def due(connection: Any, now: float, skip: Collection[str]) -> Due:
    """Return what can be claimed now."""
    where, values = _sendable(connection, now, skip)
    rows = connection.execute(
        f"SELECT r.id, r.category = 'feedback' FROM reports r WHERE {_IS_DUE} AND {where} ORDER BY r.created_at, r.id",
        values,
    ).fetchall()
    return Due(
        crashes=[number for number, is_feedback in reversed(rows) if not is_feedback],
        feedback=[number for number, is_feedback in rows if is_feedback],
    )


def seconds_until_due(connection: Any, now: float, skip: Collection[str]) -> float | None:
    """Return 0 when something is due, else the time until it will be, None when nothing can become due by itself."""
    if any(due(connection, now, skip)):
        return 0.0
    where, values = _sendable(connection, now, skip)
    soonest = connection.execute(
        f"SELECT min(r.next_at) FROM reports r WHERE r.state IN ('later', 'claimed') AND {where}", values
    ).fetchone()[0]
    return None if soonest is None else max(0.0, soonest - now)


def _sendable(connection: Any, now: float, skip: Collection[str]) -> tuple[str, dict[str, Any]]:
    names = {f"skip{place}": dsn for place, dsn in enumerate(sorted(skip))}
    where = f"{_IS_ALLOWED} AND r.dsn NOT IN ({', '.join(f':{name}' for name in names)})"
    return where, {"now": now, "refused_at": refused_at(connection), **names}


def refused_at(connection: Any) -> float | None:
    """Return since when the person refuses to send, or None."""
    row = connection.execute(
        "SELECT changed_at FROM facts WHERE name = ? AND value = '\"refused\"'", (CONSENT,)
    ).fetchone()
    return None if row is None else float(row[0])


def one(connection: Any, number: int) -> Report | None:
    """Return one report with its envelope's bytes."""
    row = connection.execute(
        f"SELECT {_COLUMNS}, COALESCE(e.body, x'') FROM reports r LEFT JOIN envelopes e ON e.report_id = r.id"
        " WHERE r.id = ?",
        (number,),
    ).fetchone()
    return None if row is None else Report.from_row(row)


def listing(connection: Any, states: Collection[State] | None) -> list[Report]:
    """Return reports oldest first, without their envelopes; our own notes to the server are none of them."""
    chosen = [str(state) for state in (State if states is None else states)]
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM reports r WHERE r.state IN ({', '.join('?' * len(chosen))}) AND r.kind <> ?"
        " ORDER BY r.created_at, r.id",
        (*chosen, CLIENT_REPORT),
    )
    return [Report.from_row(row) for row in rows]


def entries(connection: Any) -> list[Entry]:
    """Return what the quota decides on: all that was not delivered."""
    rows = connection.execute(
        "SELECT id, category, state, created_at, size_bytes, likeness FROM reports"
        f" WHERE state IN ({', '.join('?' * len(UNSENT))})",
        [str(state) for state in UNSENT],
    )
    return [Entry(*row) for row in rows]


def waiting_ids(connection: Any) -> list[int]:
    return [row[0] for row in connection.execute("SELECT id FROM reports WHERE state = 'waiting'")]


def count(connection: Any, states: Collection[State]) -> int:
    chosen = [str(state) for state in states]
    marks = ", ".join("?" * len(chosen))
    return int(connection.execute(f"SELECT count(*) FROM reports WHERE state IN ({marks})", chosen).fetchone()[0])


def counter(connection: Any, name: str) -> int:
    row = connection.execute("SELECT quantity FROM counters WHERE name = ?", (name,)).fetchone()
    return 0 if row is None else int(row[0])


def drops(connection: Any, *, untold: bool) -> list[tuple[str, str, str, int]]:
    """Return dsn, reason, category and quantity of what was given up."""
    quantity = "quantity - reported" if untold else "quantity"
    return list(
        connection.execute(
            f"SELECT dsn, reason, category, {quantity} FROM drops WHERE {quantity} > 0 ORDER BY dsn, reason, category"
        )
    )


def fact(connection: Any, name: str) -> str | None:
    row = connection.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
    return None if row is None else str(row[0])


def fact_changed_at(connection: Any, name: str) -> float | None:
    row = connection.execute("SELECT changed_at FROM facts WHERE name = ?", (name,)).fetchone()
    return None if row is None else float(row[0])

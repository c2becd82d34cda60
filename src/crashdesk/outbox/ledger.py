"""The outbox's writes inside a transaction, where every report that comes or goes is counted."""

import json
from collections.abc import Iterable
from typing import Any

from crashdesk.outbox.quota import HISTORY_ROWS
from crashdesk.outbox.reports import CLIENT_REPORT, NewReport, State

REFUSED_BY_PERSON = "by_person"
REFUSED_BY_SERVER = "send_error"


def insert(connection: Any, new: NewReport, now: float) -> int:
    """Insert a report and its envelope; return its number."""
    is_approved = new.by_person or (new.category == "feedback" and new.state is State.READY)
    cursor = connection.execute(
        "INSERT INTO reports (event_id, kind, category, title, likeness, product, release, dsn, state, created_at,"
        " size_bytes, changed_at, approved_at, withdrawal_secret) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            new.event_id,
            new.kind,
            new.category,
            _storable(new.title)[:500],
            new.likeness,
            _storable(new.product),
            _storable(new.release),
            new.dsn,
            str(new.state),
            now,
            len(new.envelope),
            now,
            now if is_approved else None,
            new.withdrawal_secret,
        ),
    )
    number = int(cursor.lastrowid)
    connection.execute("INSERT INTO envelopes (report_id, body) VALUES (?, ?)", (number, new.envelope))
    return number


def _storable(text: str) -> str:
    """Return text that SQLite takes: a lone surrogate from a crashed program must not cost the report."""
    return text.encode("utf-8", "replace").decode("utf-8")


def give_up(connection: Any, number: int, reason: str) -> None:
    """Delete an undelivered report and count it, unless it was counted when the server refused it."""
    row = connection.execute("SELECT dsn, category, kind, state FROM reports WHERE id = ?", (number,)).fetchone()
    if row is None or row[3] == State.DONE:
        return
    connection.execute("DELETE FROM reports WHERE id = ?", (number,))
    if row[2] == CLIENT_REPORT:
        return
    if row[3] == State.PARKED:
        count(connection, "refused_and_deleted")
    else:
        count_drop(connection, row[0], reason, row[1])


def deliver(connection: Any, number: int, now: float) -> None:
    """Turn a report into a row of the history, which is kept short."""
    changed = connection.execute(
        "UPDATE reports SET state = 'done', sent_at = ?, changed_at = ?, next_at = NULL, reason = NULL"
        " WHERE id = ? AND state <> 'done'",
        (now, now, number),
    ).rowcount
    if not changed:
        return
    connection.execute("DELETE FROM envelopes WHERE report_id = ?", (number,))
    if connection.execute("DELETE FROM reports WHERE id = ? AND kind = ?", (number, CLIENT_REPORT)).rowcount:
        return
    count(connection, "delivered")
    connection.execute(
        "DELETE FROM reports WHERE id IN (SELECT id FROM reports WHERE state = 'done'"
        " ORDER BY sent_at DESC, id DESC LIMIT -1 OFFSET ?)",
        (HISTORY_ROWS,),
    )


def revive(connection: Any, number: int, now: float) -> None:
    """Make a parked or postponed report ready; a refusal that nobody was told of is taken back."""
    row = connection.execute("SELECT dsn, category, state FROM reports WHERE id = ?", (number,)).fetchone()
    if row is None or row[2] not in {State.PARKED, State.LATER}:
        return
    connection.execute(
        "UPDATE reports SET state = 'ready', next_at = NULL, changed_at = ?, approved_at = ?, reason = NULL"
        " WHERE id = ?",
        (now, now, number),
    )
    if row[2] == State.PARKED:
        connection.execute(
            "UPDATE drops SET quantity = quantity - 1"
            " WHERE dsn = ? AND category = ? AND reason = ? AND quantity > reported",
            (row[0], row[1], REFUSED_BY_SERVER),
        )


def approve(connection: Any, numbers: Iterable[int], now: float) -> None:
    connection.executemany(
        "UPDATE reports SET state = 'ready', approved_at = ?, changed_at = ? WHERE id = ? AND state = 'waiting'",
        [(now, now, number) for number in numbers],
    )


def replace_envelope(connection: Any, number: int, envelope: bytes) -> None:
    """Replace the bytes of a report that was not sent yet."""
    connection.execute(
        "UPDATE envelopes SET body = ? WHERE report_id = (SELECT id FROM reports WHERE id = ? AND state = 'ready')",
        (envelope, number),
    )
    connection.execute("UPDATE reports SET size_bytes = ? WHERE id = ? AND state = 'ready'", (len(envelope), number))


def count(connection: Any, name: str, quantity: int = 1) -> None:
    connection.execute(
        "INSERT INTO counters (name, quantity) VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET quantity = quantity + excluded.quantity",
        (name, quantity),
    )


def count_drop(connection: Any, dsn: str, reason: str, category: str, quantity: int = 1) -> None:
    connection.execute(
        "INSERT INTO drops (dsn, reason, category, quantity) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (dsn, reason, category) DO UPDATE SET quantity = quantity + excluded.quantity",
        (dsn, reason, category, quantity),
    )


def mark_told(connection: Any, dsn: str, reason: str, category: str, quantity: int) -> None:
    connection.execute(
        "UPDATE drops SET reported = reported + ? WHERE dsn = ? AND reason = ? AND category = ?",
        (quantity, dsn, reason, category),
    )


def set_fact(connection: Any, name: str, value: Any, now: float) -> None:
    if value is None:
        connection.execute("DELETE FROM facts WHERE name = ?", (name,))
        return
    connection.execute(
        "INSERT INTO facts (name, value, changed_at) VALUES (?, ?, ?)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at",
        (name, json.dumps(value), now),
    )

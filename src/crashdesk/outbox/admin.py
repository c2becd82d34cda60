"""Lists, balance and repair of an outbox for people and commands, on sqlite-utils; never imported by the product."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlite_utils

from crashdesk.errors import UsageError
from crashdesk.outbox import ledger
from crashdesk.outbox.ledger import REFUSED_BY_SERVER
from crashdesk.outbox.location import AGENT_LOCK_FILE, OUTBOX_FILE
from crashdesk.outbox.locks import is_held
from crashdesk.outbox.reports import CLIENT_REPORT, NewReport, State
from crashdesk.outbox.sqlite import library
from crashdesk.outbox.store import Outbox
from crashdesk.protocol.envelope import Envelope, EnvelopeError

_LISTED = (
    "SELECT id, event_id, state, kind, category, title, product, release, created_at, size_bytes, attempts, next_at,"
    " sent_at, reason FROM reports WHERE kind <> ? ORDER BY created_at, id"
)
_MOMENTS = ("created_at", "next_at", "sent_at")
_SALVAGED = (
    "SELECT r.event_id, r.kind, r.category, r.title, r.likeness, r.product, r.release, r.dsn, r.state, r.created_at,"
    " r.withdrawal_secret, r.size_bytes, e.body FROM reports r JOIN envelopes e ON e.report_id = r.id WHERE r.id = ?"
)


@dataclass(frozen=True, slots=True)
class Balance:
    """What went in and where it is now; `missing` is 0 when the sums agree."""

    captured: int
    delivered: int
    states: dict[str, int]
    dropped: dict[str, int]
    refused_and_deleted: int

    @property
    def missing(self) -> int:
        """Return what was captured and is found nowhere; a report that the server refused counts where it lies."""
        lost = sum(quantity for reason, quantity in self.dropped.items() if reason != REFUSED_BY_SERVER)
        return self.captured - self.delivered - sum(self.states.values()) - lost - self.refused_and_deleted


@dataclass(frozen=True, slots=True)
class Repair:
    """What a repair found and did."""

    was_damaged: bool
    recovered: int
    unreadable_files: list[str]
    freed_claims: int


def open_existing(directory: Path) -> Outbox:
    """Open an outbox that is there; looking must not make one."""
    if not (directory / OUTBOX_FILE).exists():
        raise UsageError(f"There is no outbox in {directory}: name the folder that the product uses.")
    return Outbox.open(directory)


def listing(outbox: Outbox) -> list[dict[str, Any]]:
    """Return one JSON object a report, oldest first."""

    def work(connection: Any) -> list[dict[str, Any]]:
        return list(sqlite_utils.Database(connection).query(_LISTED, (CLIENT_REPORT,)))

    rows = outbox.database.read(work)
    for row in rows:
        row.update({name: _text(row[name]) for name in _MOMENTS})
    return rows


def balance(outbox: Outbox) -> Balance:
    """Add up what went in and what became of it, from one consistent state."""

    def work(connection: Any) -> Balance:
        tables = sqlite_utils.Database(connection)
        counters = {row["name"]: row["quantity"] for row in tables["counters"].rows}
        states = tables.query(
            "SELECT state, count(*) AS number FROM reports WHERE kind <> ? AND state <> 'done' GROUP BY state",
            (CLIENT_REPORT,),
        )
        reasons = tables.query("SELECT reason, sum(quantity) AS number FROM drops GROUP BY reason")
        return Balance(
            captured=counters.get("captured", 0),
            delivered=counters.get("delivered", 0),
            states={row["state"]: row["number"] for row in states},
            dropped={row["reason"]: row["number"] for row in reasons},
            refused_and_deleted=counters.get("refused_and_deleted", 0),
        )

    return outbox.database.read(work)


def repair(outbox: Outbox) -> Repair:
    """Check the whole file, take back what damaged files still hold, and free claims of an agent that has died."""
    was_damaged = not _is_whole(outbox)
    if was_damaged:
        outbox.database.set_aside()
    recovered, unreadable = 0, []
    for path in sorted(outbox.directory.glob("outbox.damaged-*.sqlite")):
        reports, is_complete = _salvage(path)
        recovered += _take_back(outbox, reports)
        if is_complete:
            _remove(path)
        else:
            unreadable.append(path.name)
    freed = 0 if is_held(outbox.directory / AGENT_LOCK_FILE) else _free_claims(outbox)
    return Repair(was_damaged, recovered, unreadable, freed)


def _is_whole(outbox: Outbox) -> bool:
    def work(connection: Any) -> bool:
        found = sqlite_utils.Database(connection).query("SELECT integrity_check FROM pragma_integrity_check")
        return [row["integrity_check"] for row in found] == ["ok"]

    return outbox.database.read(work)


def _salvage(path: Path) -> tuple[list[tuple[NewReport, float]], bool]:
    """Read report by report what is readable; say whether that was everything."""
    found: list[tuple[NewReport, float]] = []
    is_complete = True
    with closing(library().connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        for number in _numbers(connection):
            if number is None:
                is_complete = False
                break
            try:
                row = connection.execute(_SALVAGED, (number,)).fetchone()
            except (library().DatabaseError, sqlite3.DatabaseError):
                is_complete = False
                continue
            if row is None or row[1] == CLIENT_REPORT:
                continue
            if _is_sound(row[-1], row[-2]):
                found.append(_report(row))
            else:
                is_complete = False
    return found, is_complete


def _numbers(connection: Any) -> Iterator[int | None]:
    """Yield the numbers of the reports, and None where the file cannot be read on."""
    try:
        yield from (row[0] for row in connection.execute("SELECT id FROM reports WHERE state <> 'done' ORDER BY id"))
    except library().DatabaseError:
        yield None


def _is_sound(body: bytes, size_bytes: int) -> bool:
    """Say whether a stored envelope is what was put in, as far as its form tells: SQLite has no checksums."""
    try:
        envelope = Envelope.parse(body)
        for item in envelope.items:
            if item.type in {"event", "feedback"}:
                item.json()
    except EnvelopeError:
        return False
    return len(body) == size_bytes


def _report(row: tuple[Any, ...]) -> tuple[NewReport, float]:
    event_id, kind, category, title, likeness, product, release, dsn, state, created_at, secret, _, body = row
    is_waiting = state == State.WAITING
    return NewReport(
        event_id=event_id,
        kind=kind,
        category=category,
        title=title,
        likeness=likeness,
        envelope=bytes(body),
        dsn=dsn,
        state=State.WAITING if is_waiting else State.READY,
        withdrawal_secret=secret,
        product=product,
        release=release,
    ), float(created_at)


def _take_back(outbox: Outbox, reports: list[tuple[NewReport, float]]) -> int:
    def work(connection: Any) -> int:
        known = {row[0] for row in connection.execute("SELECT event_id FROM reports")}
        fresh = [(report, at) for report, at in reports if report.event_id not in known]
        for report, at in fresh:
            ledger.insert(connection, report, at)
            ledger.count(connection, "captured")
        return len(fresh)

    return outbox.database.write(work)


def _free_claims(outbox: Outbox) -> int:
    claimed = outbox.stale_claims()
    for report in claimed:
        outbox.later(report, 0, "The agent ended while it was sending.")
    return len(claimed)


def _remove(path: Path) -> None:
    for name in (path, *(Path(f"{path}{suffix}") for suffix in ("-wal", "-shm", "-journal"))):
        name.unlink(missing_ok=True)


def _text(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")

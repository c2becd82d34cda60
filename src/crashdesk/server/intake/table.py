"""The intake that all nodes share on PostgreSQL: a table that movers fill and processors empty.

A claim locks its rows for the length of one transaction and passes over what others hold. Who dies lets go of them, so
they come again at once; what was stored and the rows' end commit together. A row's `body_file` is the reference of a
blob here, as a file of one machine's collector would be out of reach for the others.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

from crashdesk.server.intake.incoming import is_incoming
from crashdesk.server.intake.items import sum_of_items
from crashdesk.server.intake.queue import IntakeRow
from crashdesk.server.intake.spool import Spool

CHANNEL = "crashdesk_intake"  # movers speak on it when they have committed rows
COLUMNS = (
    "project_id", "key_id", "received_at", "envelope_id", "encoding", "route", "remote", "body", "content_type",
    "items", "body_file",
)  # fmt: skip
_NAMES = ", ".join(COLUMNS)
_CLAIM = f"SELECT position, {_NAMES} FROM intake ORDER BY position LIMIT %s FOR UPDATE SKIP LOCKED"  # noqa: S608 - names from above


class Session(Protocol):
    """A connection to the database, as the processor's main one is."""

    def transaction(self) -> AbstractContextManager[Any]:
        """Begin a transaction that commits at the end of the block."""

    def run(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run one statement and return its rows."""


class TableIntake:
    """The table `intake`; with it counts what this machine's collector has accepted and not yet handed on."""

    def __init__(self, session: Session, spool: Spool, free: Callable[[Collection[str]], None]) -> None:
        """`free` notes, in the transaction at hand, that nobody needs these blobs any more."""
        self._session = session
        self._spool = spool
        self._free = free

    @contextmanager
    def claim(self, limit: int, *, most_bytes: int | None = None) -> Iterator[list[IntakeRow]]:
        with self._session.transaction():
            yield self._up_to(most_bytes, [_row(found) for found in self._session.run(_CLAIM, (limit,))])

    def finish(self, rows: Sequence[IntakeRow]) -> None:
        self._session.run("DELETE FROM intake WHERE position = ANY(%s)", ([row.position for row in rows],))
        self._free([row.body_file for row in rows if row.body_file and not is_incoming(row.body_file)])

    def waiting(self, project_id: int | None = None) -> int:
        where, parameters = ("", ()) if project_id is None else (" WHERE project_id = %s", (project_id,))
        [(there,)] = self._session.run(f"SELECT count(*) FROM intake{where}", parameters)  # noqa: S608 - no text of others
        return int(there) + self._spool.waiting(self._moved_from_here(), project_id)

    def waiting_items(self, project_ids: Collection[int] | None = None) -> Counter[str]:
        grouped = "SELECT project_id, items, count(*) FROM intake GROUP BY project_id, items"
        there = [(int(owner), str(items), int(bodies)) for owner, items, bodies in self._session.run(grouped)]
        here = self._spool.items(self._moved_from_here())
        return sum_of_items([*there, *here], project_ids)

    def received(self) -> int:
        [(moved,)] = self._session.run("SELECT coalesce(sum(moved), 0) FROM intake_marker")
        return int(moved) + self._spool.waiting(self._moved_from_here())

    def close(self) -> None:
        self._spool.close()

    def _moved_from_here(self) -> int:
        return marker(self._session, self._spool.source())

    def _up_to(self, most_bytes: int | None, rows: list[IntakeRow]) -> list[IntakeRow]:
        size = 0
        for number, row in enumerate(rows, 1):
            size += len(row.body)
            if most_bytes is not None and size >= most_bytes:
                return rows[:number]
        return rows


def marker(session: Session, source: str) -> int:
    """Return up to which position the rows of the file `source` have been handed on."""
    found = session.run("SELECT position FROM intake_marker WHERE source = %s", (source,))
    return int(found[0][0]) if found else 0


def _row(found: Sequence[Any]) -> IntakeRow:
    facts = dict(zip(COLUMNS, found[1:], strict=True))
    return IntakeRow(position=int(found[0]), **{**facts, "body": bytes(facts["body"])})

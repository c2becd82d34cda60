"""The outbox itself: put, claim, done, later, park, and the person's decisions; every change is synced to the disk."""

import json
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any, NamedTuple, Protocol, Self

from crashdesk import clock as real_clock
from crashdesk.errors import UsageError
from crashdesk.outbox import ledger, queries, quota
from crashdesk.outbox.database import Database
from crashdesk.outbox.location import OUTBOX_FILE, prepare_directory
from crashdesk.outbox.quota import Caps
from crashdesk.outbox.reports import TO_SEND, UNSENT, NewReport, Report, State

__all__ = ["TO_SEND", "UNSENT", "Clock", "Drops", "NewReport", "Outbox", "Report", "State"]


class Clock(Protocol):
    """The part of `crashdesk.clock` that is used here; tests pass a FrozenClock."""

    def timestamp(self) -> float: ...


class Drops(NamedTuple):
    """How many reports of one category were given up for one reason."""

    dsn: str
    reason: str
    category: str
    quantity: int


class Outbox:
    """The queue of one product and one user; may be used from any thread and after a fork."""

    def __init__(self, directory: Path, database: Database, clock: Clock, caps: Caps) -> None:
        self.directory = directory
        self._database = database
        self._clock = clock
        self._caps = caps
        self._feedback_turn = False

    @classmethod
    def open(cls, directory: Path | str, clock: Clock = real_clock, caps: Caps | None = None) -> Self:
        """Open the outbox in `directory`, made if need be; raises StorageError when it cannot be used."""
        directory = prepare_directory(Path(directory))
        outbox = cls(directory, Database(directory / OUTBOX_FILE), clock, caps or Caps.from_settings())
        outbox.change_counter()  # opens the file: trouble is told here, not at the first crash
        return outbox

    def close(self) -> None:
        self._database.close()

    # What the product does

    def put(self, new: NewReport) -> int:
        """Keep a report for good and return its number; the same event id put twice stays as it was first."""
        if new.state not in {State.WAITING, State.READY}:
            raise UsageError(f"A new report is waiting or ready, not {new.state}.")
        now = self._clock.timestamp()

        def work(connection: Any) -> int:
            found = connection.execute("SELECT id FROM reports WHERE event_id = ?", (new.event_id,)).fetchone()
            if found is not None:
                return int(found[0])
            number = ledger.insert(connection, new, now)
            for drop in quota.to_drop(queries.entries(connection), self._caps, now, number):
                ledger.give_up(connection, drop.entry.id, drop.reason)
            ledger.count(connection, "captured")
            return number

        return self._database.write(work)

    def count_drop(self, dropped: Drops) -> None:
        """Count what the product gave up before it became a report, such as repeats in a storm."""

        def work(connection: Any) -> None:
            ledger.count(connection, "captured", dropped.quantity)  # so that the sums agree
            ledger.count_drop(connection, *dropped)

        self._database.write(work)

    # What the agent does

    def claim(self, lease_seconds: float = 120, limit: int = 1, skip: Collection[str] = ()) -> list[Report]:
        """Take reports that are due, newest crash and oldest feedback in turn, for `lease_seconds`.

        A claim that ran out is due again. Nothing goes to the DSNs in `skip`, and nothing at all that the person's
        refusal holds back.
        """
        now = self._clock.timestamp()

        def work(connection: Any) -> list[Report]:
            numbers = queries.due(connection, now, skip)
            chosen = _in_turn(numbers.crashes, numbers.feedback, limit, feedback_first=self._feedback_turn)
            for number in chosen:
                connection.execute(
                    "UPDATE reports SET state = 'claimed', attempts = attempts + 1, next_at = ?, changed_at = ?"
                    " WHERE id = ?",
                    (now + lease_seconds, now, number),
                )
            return [report for number in chosen if (report := queries.one(connection, number)) is not None]

        if not self._database.read(lambda connection: any(queries.due(connection, now, skip))):
            return []  # looking costs no sync
        claimed = self._database.write(work)
        self._feedback_turn = bool(claimed) and claimed[-1].category != "feedback"
        return claimed

    def done(self, report: Report) -> None:
        """Note that the server has it: drop the bytes, keep a small row for "my reports"."""
        now = self._clock.timestamp()
        self._database.write(lambda connection: ledger.deliver(connection, report.id, now))

    def later(self, report: Report, delay_seconds: float, reason: str) -> None:
        """Try again after `delay_seconds`; nothing happens if the claim was lost to another agent meanwhile."""
        now = self._clock.timestamp()
        self._database.write(
            lambda connection: connection.execute(
                "UPDATE reports SET state = 'later', next_at = ?, changed_at = ?, reason = ?"
                " WHERE id = ? AND state = 'claimed' AND attempts = ?",
                (now + delay_seconds, now, reason, report.id, report.attempts),
            )
        )

    def park(self, report: Report, reason: str) -> None:
        """Stop trying, since the server refused it for good: keep it to be seen, and count it."""
        now = self._clock.timestamp()

        def work(connection: Any) -> None:
            changed = connection.execute(
                "UPDATE reports SET state = 'parked', next_at = NULL, changed_at = ?, reason = ?"
                " WHERE id = ? AND state = 'claimed' AND attempts = ?",
                (now, reason, report.id, report.attempts),
            ).rowcount
            if changed:
                ledger.count_drop(connection, report.dsn, ledger.REFUSED_BY_SERVER, report.category)

        self._database.write(work)

    def hasten(self, dsn: str) -> None:
        """Make due what was put off for `dsn`, since its server answers again."""
        now = self._clock.timestamp()
        self._database.write(
            lambda connection: connection.execute(
                "UPDATE reports SET next_at = ?, changed_at = ? WHERE state = 'later' AND dsn = ?", (now, now, dsn)
            )
        )

    def stale_claims(self) -> list[Report]:
        """Return what an agent that no longer lives had claimed; only the holder of the agent's lock may ask."""
        return self.reports({State.CLAIMED})

    def next_due_seconds(self, skip: Collection[str] = ()) -> float | None:
        """Return after how many seconds the next claim can succeed: 0 for now, None for never without a change."""
        now = self._clock.timestamp()
        return self._database.read(lambda connection: queries.seconds_until_due(connection, now, skip))

    def add_client_report(self, new: NewReport, drops: Iterable[Drops]) -> None:
        """Put the report that tells the server about `drops`, and mark those as told, in one step."""
        now = self._clock.timestamp()

        def work(connection: Any) -> None:
            ledger.insert(connection, new, now)
            for drop in drops:
                ledger.mark_told(connection, drop.dsn, drop.reason, drop.category, drop.quantity)

        self._database.write(work)

    # What the person does

    def approve(self, report_id: int, envelope: bytes | None = None) -> None:
        """Let it be sent, since the person said so; `envelope` is what they saw, if they changed it."""
        now = self._clock.timestamp()

        def work(connection: Any) -> None:
            ledger.approve(connection, (report_id,), now)
            if envelope is not None:
                ledger.replace_envelope(connection, report_id, envelope)

        self._database.write(work)
        if envelope is not None:
            self._database.checkpoint()  # what the person took out is in no file any more

    def refuse(self, report_id: int) -> None:
        """Delete it, since the person said no: no byte of it stays in a file; it is counted."""
        self._database.write(lambda connection: ledger.give_up(connection, report_id, ledger.REFUSED_BY_PERSON))
        self._database.checkpoint()

    def refuse_all_waiting(self) -> None:
        def work(connection: Any) -> None:
            for number in queries.waiting_ids(connection):
                ledger.give_up(connection, number, ledger.REFUSED_BY_PERSON)

        self._database.write(work)
        self._database.checkpoint()

    def retry(self, report_id: int) -> None:
        """Try a parked or postponed report again now, since the person wants it."""
        now = self._clock.timestamp()
        self._database.write(lambda connection: ledger.revive(connection, report_id, now))

    # What anybody may look at

    def get(self, report_id: int) -> Report | None:
        """Return one report with its envelope."""
        return self._database.read(lambda connection: queries.one(connection, report_id))

    def waiting(self) -> list[Report]:
        """Return what waits for the person, oldest first, without envelopes."""
        return self.reports({State.WAITING})

    def reports(self, states: Collection[State] | None = None) -> list[Report]:
        """Return reports (in `states`, or all), oldest first, without envelopes."""
        return self._database.read(lambda connection: queries.listing(connection, states))

    def count(self, *states: State) -> int:
        """Return how many reports are in these states."""
        return self._database.read(lambda connection: queries.count(connection, states))

    def drops(self, *, untold: bool = False) -> list[Drops]:
        """Return what was given up, by reason; `untold`: only what the server does not know yet."""
        rows = self._database.read(lambda connection: queries.drops(connection, untold=untold))
        return [Drops(*row) for row in rows]

    def counter(self, name: str) -> int:
        """Return how many reports were ever `captured` or `delivered`."""
        return self._database.read(lambda connection: queries.counter(connection, name))

    def change_counter(self) -> int:
        """Return a number that differs after anybody has changed the outbox; cheap enough to ask often."""
        return self._database.changes()

    def fact(self, name: str) -> Any:
        """Return the remembered JSON value `name`, or None."""
        text = self._database.read(lambda connection: queries.fact(connection, name))
        return None if text is None else json.loads(text)

    def set_fact(self, name: str, value: Any) -> None:
        """Remember a JSON value under `name`; None forgets it."""
        now = self._clock.timestamp()
        self._database.write(lambda connection: ledger.set_fact(connection, name, value, now))

    @property
    def database(self) -> Database:
        """The file below, for the modules of this package."""
        return self._database

    @property
    def clock(self) -> Clock:
        return self._clock


def _in_turn(crashes: list[int], feedback: list[int], limit: int, *, feedback_first: bool) -> list[int]:
    """Take from both lists in turn, so that neither starves behind the other."""
    first, second = (feedback, crashes) if feedback_first else (crashes, feedback)
    chosen: list[int] = []
    for place in range(max(len(first), len(second))):
        chosen += first[place : place + 1] + second[place : place + 1]
    return chosen[:limit]

"""The processor's loop: reads a batch from the intake, prepares and stores it, waits for more.

It is woken by a byte on a pipe after each commit of the collector; a look once a second catches what a lost byte would
cost. Trouble with disk or database is waited out; a report that cannot be stored is set aside, so that others go on.
"""

import signal
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from django.db import OperationalError, connection, transaction

from crashdesk import clock, logs
from crashdesk.errors import StorageError
from crashdesk.server.events.intakes import open_intake
from crashdesk.server.events.locks import lock_projects
from crashdesk.server.installation import Installation
from crashdesk.server.intake.interface import Intake
from crashdesk.server.intake.queue import IntakeRow
from crashdesk.server.issues.sweeping import Sweep
from crashdesk.server.processor import measuring
from crashdesk.server.processor.housekeeping import Housekeeping
from crashdesk.server.processor.prepared import Prepared
from crashdesk.server.processor.preparing import USUAL, failed, prepare
from crashdesk.server.processor.recovery import Notes
from crashdesk.server.processor.repeats import repeated, repeats
from crashdesk.server.processor.storing import store
from crashdesk.server.processor.waking import Bell, Wake
from crashdesk.server.projects.queries import Policy, policies

BATCH_ROWS = 256
BATCH_BYTES = 32_000_000
LOOK_SECONDS = 1.0
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.2, 5.0

_log = logs.logger("processor")


class EndedTheProcessor(Exception):  # noqa: N818 - the reason that people read
    """A report that was being processed when the process ended."""


def main(data_dir: Path, wake_fd: int | None) -> int:
    """Process until SIGTERM or SIGINT; return the exit status. Django must be ready."""
    wake = Wake(wake_fd)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: wake.stop())
    server = Installation.read(data_dir)
    if server.database:
        wake.listen_to(Bell(server.database))
    run(open_intake(server), wake, Notes.of(server))
    return 0


def run(intake: Intake, wake: Wake, notes: Notes) -> None:
    """Process whatever comes into `intake` until `wake` is stopped."""
    worker, housekeeping, sweep = Worker(intake, notes), Housekeeping(), Sweep()
    pause = FIRST_PAUSE_SECONDS
    while not wake.is_stopped:
        try:
            housekeeping.do_one_that_is_due()
            begun = clock.monotonic()
            done = worker.step()
            if done:
                measuring.note_batch(done, clock.monotonic() - begun)
            if not sweep.work(clock.now()) and not done:
                wake.wait(LOOK_SECONDS)
            pause = FIRST_PAUSE_SECONDS
        except (OperationalError, StorageError) as error:
            _log.warning("Processing waits, reports are kept: %s", error)
            connection.close()
            intake.close()
            notes.close()
            wake.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
    intake.close()


class Worker:
    """Takes the intake forward, a batch a step."""

    def __init__(self, intake: Intake, notes: Notes) -> None:
        self._intake = intake
        self._notes = notes
        self._is_careful = False
        self._has_started = False
        self._has_progressed = False

    def step(self) -> int:
        """Process one batch; return how many rows there were. Raises what should be waited out."""
        if self._is_careful:
            return self._one_by_one()
        with self._intake.claim(BATCH_ROWS, most_bytes=BATCH_BYTES) as rows:
            if not rows or self._should_be_careful():
                return len(rows)
            self._together(rows)
        self._note_progress()
        return len(rows)

    def _should_be_careful(self) -> bool:
        """Say whether earlier starts brought nothing forward; asked before the first batch of this one."""
        if not self._has_started:
            self._has_started = True
            self._is_careful = self._notes.note_start()
        return self._is_careful

    def _note_progress(self) -> None:
        if not self._has_progressed:
            self._has_progressed = True
            self._notes.note_progress()

    def _together(self, rows: Sequence[IntakeRow]) -> None:
        """Store rows in as few transactions as their unpacked size allows."""
        by_project, known = _policies(rows), repeats(rows)
        batch: list[Prepared] = []
        size = 0
        for row in rows:
            batch.append(repeated(row) if row.position in known else _prepared(row, by_project))
            size += batch[-1].decoded_bytes
            if size > BATCH_BYTES:
                self._store_all(batch, rows)
                batch, size = [], 0
        if batch:
            self._store_all(batch, rows)

    def _store_all(self, batch: Sequence[Prepared], claimed: Sequence[IntakeRow]) -> None:
        """Store a part of a claim; its projects are locked all at once, so that processors never wait in a circle."""
        lock_projects({row.project_id for row in claimed})
        self._store(batch)

    def _one_by_one(self) -> int:
        """Store row by row, each named before it is tried; one that was named when a process ended is set aside."""
        _log.warning("Earlier starts brought nothing forward: reports go one by one")
        suspects = self._notes.suspects()
        done = 0
        while done < BATCH_ROWS and self._one_alone(suspects):
            done += 1
        self._is_careful = False
        self._note_progress()
        return done

    def _one_alone(self, suspects: Collection[int]) -> bool:
        with self._intake.claim(1) as rows:
            for row in rows:
                self._notes.name_suspect(row.position)
                is_suspect = row.position in suspects
                self._store([_set_aside(row, EndedTheProcessor()) if is_suspect else _prepared(row, _policies([row]))])
        self._notes.name_suspect(0)
        return bool(rows)

    def _store(self, batch: Sequence[Prepared]) -> None:
        """Store a batch; what fails for its content is halved until the one report is found that cannot be stored."""
        try:
            self._store_and_finish(batch)
        except (OperationalError, StorageError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the report is kept and others go on
            if len(batch) == 1:
                self._store_and_finish([_set_aside(batch[0].row, error)])
                return
            middle = len(batch) // 2
            self._store(batch[:middle])
            self._store(batch[middle:])

    def _store_and_finish(self, batch: Sequence[Prepared]) -> None:
        with transaction.atomic():
            store(batch, clock.now())
            self._intake.finish([prepared.row for prepared in batch])


def _policies(rows: Sequence[IntakeRow]) -> dict[int, Policy]:
    """Return by which rules reports of each project among these rows are processed: it changes them when it chooses."""
    return policies({row.project_id for row in rows})


def _prepared(row: IntakeRow, by_project: Mapping[int, Policy]) -> Prepared:
    try:
        return prepare(row, by_project.get(row.project_id, USUAL))
    except StorageError:
        raise  # a disk that is full, a body that is not there now: waited out
    except Exception as error:  # noqa: BLE001 - whatever it is, the report is kept and others go on
        return _set_aside(row, error)


def _set_aside(row: IntakeRow, error: Exception) -> Prepared:
    measuring.note_failed()
    # the class only: a message may hold text of the report
    _log.error("Report %d could not be processed: %s", row.position, type(error).__name__)
    return failed(row, error)

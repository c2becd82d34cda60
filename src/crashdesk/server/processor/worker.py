"""The processor's loop: reads a batch from the intake, prepares and stores it, waits for more.

It is woken by a byte on a pipe after each commit of the collector; a look once a second catches what a lost byte would
cost. Trouble with disk or database is waited out; a report that cannot be stored is set aside, so that others go on.
"""

import os
import select
import signal
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from django.db import OperationalError, connection

from crashdesk import clock, logs
from crashdesk.errors import StorageError
from crashdesk.server.events.queries import intake_position
from crashdesk.server.grouping.fingerprint import NEWEST_VERSION
from crashdesk.server.installation import Installation
from crashdesk.server.intake.queue import IntakeReader, IntakeRow
from crashdesk.server.processor import recovery
from crashdesk.server.processor.preparing import Prepared, failed, prepare
from crashdesk.server.processor.storing import store
from crashdesk.server.projects.queries import grouping_versions

BATCH_ROWS = 128
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
    run(Installation.read(data_dir).intake, wake)
    return 0


def run(intake: Path, wake: "Wake") -> None:
    """Process whatever comes into `intake` until `wake` is stopped."""
    worker = Worker(intake)
    pause = FIRST_PAUSE_SECONDS
    while not wake.is_stopped:
        try:
            if not worker.step():
                wake.wait(LOOK_SECONDS)
            pause = FIRST_PAUSE_SECONDS
        except (OperationalError, StorageError) as error:
            _log.warning("Processing waits, reports are kept: %s", error)
            connection.close()
            worker.close()
            wake.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
    worker.close()


class Wake:
    """Waiting that ends at a byte on a pipe, at a stop, or after some time."""

    def __init__(self, descriptor: int | None = None) -> None:
        self._work = descriptor if descriptor is not None and descriptor >= 0 else None
        self._stop_reading, self._stop_writing = os.pipe()
        self._stopped = threading.Event()

    @property
    def is_stopped(self) -> bool:
        return self._stopped.is_set()

    def stop(self) -> None:
        """End the loop after the batch at hand; may be called from a signal handler or another thread."""
        self._stopped.set()
        os.write(self._stop_writing, b"s")

    def wait(self, seconds: float) -> None:
        watched = [self._stop_reading] + ([self._work] if self._work is not None else [])
        readable, _, _ = select.select(watched, [], [], seconds)
        if self._work in readable and not os.read(self._work, 65_536):
            self._work = None  # nobody can write any more: the look once a second remains


class Worker:
    """Takes the intake forward, a batch a step."""

    def __init__(self, intake: Path) -> None:
        self._intake = intake
        self._reader: IntakeReader | None = None
        self._has_started = False

    def step(self) -> int:
        """Process one batch; return how many rows there were. Raises what should be waited out."""
        rows = self._rows()
        if not rows:
            return 0
        if not self._has_started:
            self._has_started = True
            if recovery.note_start():
                self._one_by_one(rows)
                return len(rows)
        self._together(rows)
        return len(rows)

    def close(self) -> None:
        """Let the intake go; the next step opens it again."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def _rows(self) -> list[IntakeRow]:
        if self._reader is None:
            if not self._intake.exists():
                return []  # nothing was ever accepted
            self._reader = IntakeReader.open(self._intake)
        return self._reader.after(intake_position(), BATCH_ROWS, most_bytes=BATCH_BYTES)

    def _together(self, rows: Sequence[IntakeRow]) -> None:
        """Store rows in as few transactions as their unpacked size allows."""
        versions = _grouping_versions(rows)
        batch: list[Prepared] = []
        size = 0
        for row in rows:
            batch.append(_prepared(row, versions))
            size += batch[-1].decoded_bytes
            if size > BATCH_BYTES:
                _store(batch)
                batch, size = [], 0
        if batch:
            _store(batch)

    def _one_by_one(self, rows: Sequence[IntakeRow]) -> None:
        """Store row by row, each named before it is tried; one that was named when the process ended is set aside."""
        _log.warning("Earlier starts brought nothing forward: reports go one by one")
        suspected, versions = recovery.suspect(), _grouping_versions(rows)
        for row in rows:
            recovery.name_suspect(row.position)
            is_suspect = row.position == suspected
            _store([_set_aside(row, EndedTheProcessor()) if is_suspect else _prepared(row, versions)])
        recovery.name_suspect(0)


def _grouping_versions(rows: Sequence[IntakeRow]) -> dict[int, int]:
    """Return by which version each project among these rows groups: it moves to another one when it chooses."""
    return grouping_versions({row.project_id for row in rows})


def _prepared(row: IntakeRow, versions: Mapping[int, int]) -> Prepared:
    try:
        return prepare(row, versions.get(row.project_id, NEWEST_VERSION))
    except Exception as error:  # noqa: BLE001 - whatever it is, the report is kept and others go on
        return _set_aside(row, error)


def _store(batch: Sequence[Prepared]) -> None:
    """Store a batch; what fails for its content is halved until the one report is found that cannot be stored."""
    try:
        store(batch, clock.now())
    except (OperationalError, StorageError):
        raise
    except Exception as error:  # noqa: BLE001 - as above
        if len(batch) == 1:
            store([_set_aside(batch[0].row, error)], clock.now())
            return
        middle = len(batch) // 2
        _store(batch[:middle])
        _store(batch[middle:])


def _set_aside(row: IntakeRow, error: Exception) -> Prepared:
    # the class only: a message may hold text of the report
    _log.error("Report %d could not be processed: %s", row.position, type(error).__name__)
    return failed(row, error)

"""The tour's other programs as real processes: Fieldbook, the agent it starts, and how each is ended."""

import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from crashdesk import clock, settings
from crashdesk.outbox.location import AGENT_LOCK_FILE
from crashdesk.outbox.locks import is_held
from crashdesk.outbox.notices import Notices
from crashdesk.outbox.store import Outbox

Process: TypeAlias = subprocess.Popen[bytes]

END_SECONDS = 5.0
ATTENDED_AGENT = [sys.executable, "-m", "crashdesk.demo.attended_agent"]
_UNSEEN = {"QT_QPA_PLATFORM": "offscreen", "DISPLAY": None, "WAYLAND_DISPLAY": None}


@dataclass(frozen=True, slots=True)
class Stage:
    """Where Fieldbook keeps its notebook and its reports, and where the reports go."""

    directory: Path
    dsn: str
    notebook: str = "notebook"

    @property
    def reports(self) -> Path:
        return self.directory / "reports"

    @property
    def log(self) -> Path:
        return self.directory / "fieldbook.log"

    def command(self, *options: str) -> list[str]:
        """Return the command that opens Fieldbook on this stage."""
        places = ["--dsn", self.dsn, "--data", str(self.directory / self.notebook), "--crash-data", str(self.reports)]
        return [sys.executable, "-m", "crashdesk.demo.fieldbook", *places, *options]


class Performance:
    """One run of Fieldbook, unseen, through some steps; iterating yields each step when it is done.

    The last step ends the process, by closing or by crashing, and so is never told; `status` is how it ended.
    """

    def __init__(self, stage: Stage, steps: tuple[str, ...]) -> None:
        self._stage = stage
        self._steps = steps
        self.status: int | None = None

    def __iter__(self) -> Iterator[str]:
        process = self._start()
        try:
            assert process.stdout is not None  # noqa: S101 - a pipe was asked for
            for line in process.stdout:
                word, _, step = line.decode("utf-8", "replace").strip().partition(" ")
                if word == "performed":
                    yield step
            self.status = process.wait()
        finally:
            end(process)

    def _start(self) -> Process:
        command = self._stage.command("--agent", shlex.join(ATTENDED_AGENT), "--perform", *self._steps)
        with self._stage.log.open("ab") as log:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                env=settings.child_environment(_UNSEEN),
                start_new_session=True,
            )


def open_for_person(stage: Stage) -> Process:
    """Open Fieldbook in a real window."""
    with stage.log.open("ab") as log:
        return subprocess.Popen(
            stage.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )


@contextmanager
def closing_agent(stage: Stage) -> Iterator[None]:
    """End the agent that Fieldbook has started meanwhile; what it had not sent stays in its outbox."""
    try:
        yield
    finally:
        _end_agent(stage)


def _end_agent(stage: Stage) -> None:
    lock = stage.reports / AGENT_LOCK_FILE
    if not is_held(lock):
        return
    Notices(Outbox.open(stage.reports)).post("quit")
    deadline = clock.monotonic() + END_SECONDS
    while is_held(lock) and clock.monotonic() < deadline:
        clock.sleep(0.05)


def end(process: Process) -> None:
    """End a process in order, and at the latest by force."""
    if process.poll() is not None:
        return
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(END_SECONDS)
    if process.poll() is None:
        process.kill()
        process.wait()

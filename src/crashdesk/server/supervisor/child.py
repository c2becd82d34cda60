"""One part of the server as a child process: its command, its start, its end, and when to start it again."""

import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from crashdesk import clock, logs

FIRST_DELAY_SECONDS, MAX_DELAY_SECONDS = 0.1, 10.0
MAX_DELAY_ONCE_READY_SECONDS = 1.0  # it can do its work: who kills it is not the start, and reports wait for it
CALM_AFTER_SECONDS = 60.0  # who lived this long may fall again without a longer delay

log = logs.logger("supervisor")


class ChildState(StrEnum):
    """Where a part is in its life."""

    WAITING = "waiting"
    STARTING = "starting"
    READY = "ready"


def server_command(*arguments: str) -> list[str]:
    """Return a command line of ``crashdesk server`` with this very Python."""
    return [sys.executable, "-m", "crashdesk", "server", *arguments]


@dataclass
class Child:
    """A part that is started again whenever it ends, later each time while it keeps falling."""

    name: str
    command: Sequence[str]
    descriptors: Sequence[int]
    environment: Mapping[str, str]
    state: ChildState = ChildState.WAITING
    restarts: int = 0
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    _started_at: float = 0.0
    _due_at: float = 0.0
    _delay_seconds: float = FIRST_DELAY_SECONDS

    def start(self) -> None:
        """Start the process, in a group of its own: Ctrl-C reaches the supervisor, which ends its parts in order."""
        self._started_at = clock.monotonic()
        try:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                pass_fds=self.descriptors,
                env=self.environment,
                process_group=0,
            )
        except OSError as error:  # no memory or no process to be had right now
            self._plan_next_start(f"cannot be started, {error.strerror}")
        else:
            self.state = ChildState.STARTING

    def note_end(self) -> bool:
        """If the process has ended plan its next start; return whether it had."""
        if self.process is None or self.process.poll() is None:
            return False
        self._plan_next_start(_end(self.process))
        return True

    def _plan_next_start(self, why: str) -> None:
        now = clock.monotonic()
        if now - self._started_at > CALM_AFTER_SECONDS:
            self._delay_seconds = FIRST_DELAY_SECONDS
        if self.state is ChildState.READY:
            self._delay_seconds = min(MAX_DELAY_ONCE_READY_SECONDS, self._delay_seconds)
        log.warning("the %s ended (%s) and is started again in %.1f s", self.name, why, self._delay_seconds)
        self.state, self.process, self.restarts = ChildState.WAITING, None, self.restarts + 1
        self._due_at = now + self._delay_seconds
        self._delay_seconds = min(MAX_DELAY_SECONDS, self._delay_seconds * 2)

    def due_in_seconds(self) -> float | None:
        """Return how long until this part is to be started, or None while it runs."""
        return None if self.process is not None else max(0.0, self._due_at - clock.monotonic())

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def await_end(self, deadline: float) -> None:
        """Wait for the process until `deadline` on the monotonic clock, then kill it."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.0, deadline - clock.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _end(process: subprocess.Popen[bytes]) -> str:
    code = process.returncode
    return signal.Signals(-code).name if code < 0 else f"status {code}"

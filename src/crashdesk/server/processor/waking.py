"""What ends the processor's waiting: a byte on a pipe from this machine's collector, a word of PostgreSQL, a stop."""

import os
import select
import threading
from typing import TYPE_CHECKING, Any

from crashdesk import clock
from crashdesk.errors import StorageError
from crashdesk.server.intake import postgres
from crashdesk.server.intake.table import CHANNEL

if TYPE_CHECKING:
    import psycopg

AGAIN_SECONDS = 5.0  # between two attempts to listen


class Bell:
    """A connection on which PostgreSQL says that some node has handed rows on; without it the looks remain."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: psycopg.Connection[Any] | None = None
        self._again_at = 0.0

    def fileno(self) -> int | None:
        """Return the descriptor to watch, None while PostgreSQL is away."""
        if self._connection is None and clock.monotonic() >= self._again_at:
            self._again_at = clock.monotonic() + AGAIN_SECONDS
            self._listen()
        return None if self._connection is None else self._connection.fileno()

    def take(self) -> None:
        """Take what was said."""
        try:
            if self._connection is not None:
                postgres.hear_out(self._connection)
        except postgres.library().Error:
            self.close()

    def close(self) -> None:
        """Let the connection go."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _listen(self) -> None:
        try:
            self._connection = postgres.connect(self._url, "bell")
            self._connection.execute(f"LISTEN {CHANNEL}")
        except (StorageError, postgres.library().Error):
            self.close()  # whoever stores says so in the log


class Wake:
    """Waiting that ends at a byte on a pipe, at a stop, or after some time."""

    def __init__(self, descriptor: int | None = None) -> None:
        self._work = descriptor if descriptor is not None and descriptor >= 0 else None
        self._stop_reading, self._stop_writing = os.pipe()
        self._stopped = threading.Event()
        self._bell: Bell | None = None

    def listen_to(self, bell: Bell) -> None:
        """Let `bell` end the wait besides."""
        self._bell = bell

    @property
    def is_stopped(self) -> bool:
        return self._stopped.is_set()

    def stop(self) -> None:
        """End the loop after the batch at hand; may be called from a signal handler or another thread."""
        self._stopped.set()
        os.write(self._stop_writing, b"s")

    def wait(self, seconds: float) -> None:
        bell = self._bell.fileno() if self._bell is not None else None
        watched = [found for found in (self._stop_reading, self._work, bell) if found is not None]
        readable, _, _ = select.select(watched, [], [], seconds)
        if self._bell is not None and bell in readable:
            self._bell.take()
        if self._work in readable and not os.read(self._work, 65_536):
            self._work = None  # nobody can write any more: the look once a second remains

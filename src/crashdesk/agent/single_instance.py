"""One agent per user and data directory: a lock that dies with its process, and a message to the one that runs."""

from pathlib import Path

from crashdesk import clock
from crashdesk.outbox.location import AGENT_LOCK_FILE
from crashdesk.outbox.locks import FileLock

PATIENCE_SECONDS = 0.5  # a product that just looks whether an agent runs holds the lock for an instant
_PAUSE_SECONDS = 0.05


def acquire(directory: Path, patience_seconds: float = PATIENCE_SECONDS) -> FileLock | None:
    """Become the agent of this directory; None when another one is."""
    deadline = clock.monotonic() + patience_seconds
    while True:
        lock = FileLock.acquire(directory / AGENT_LOCK_FILE)
        if lock is not None or clock.monotonic() >= deadline:
            return lock
        clock.sleep(_PAUSE_SECONDS)

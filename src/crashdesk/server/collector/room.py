"""Whether the disk still takes something: looked up now and then, reckoned in between."""

import os
from collections.abc import Callable
from pathlib import Path

from crashdesk import clock
from crashdesk.errors import StorageError
from crashdesk.server.collector.authentication import Refused
from crashdesk.server.collector.limits import has_room

LOOK_EVERY_SECONDS = 0.2
RETRY_SECONDS = 30  # after which a sender may try again where we cannot know better


class Room:
    """The space on the data directory's disk."""

    def __init__(self, data: Path, monotonic: Callable[[], float] = clock.monotonic) -> None:
        self._data = data
        self._monotonic = monotonic
        self._free = 0
        self._look_at = -1.0

    def take(self, size: int) -> None:
        """Count on `size` bytes; raises Refused when they would go into the reserve, StorageError when nobody knows."""
        now = self._monotonic()
        if now >= self._look_at:
            self._free = self._look()
            self._look_at = now + LOOK_EVERY_SECONDS
        if not has_room(self._free, size):
            raise Refused(503, "storage_full", RETRY_SECONDS)
        self._free -= size

    def _look(self) -> int:
        try:
            facts = os.statvfs(self._data)
        except OSError as error:
            raise StorageError(f"The disk of {self._data} cannot be looked at ({error.strerror}).") from error
        return facts.f_bavail * facts.f_frsize

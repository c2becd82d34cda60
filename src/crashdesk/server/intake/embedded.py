"""The intake of a server on one machine: the collector's file, read behind a cursor that lies in the main database.

There is one processor, so a claim locks nothing: the rows behind the cursor are its own until it moves the cursor. A
second one that meets it nevertheless finds the cursor moved when it wants to commit, and does not.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from crashdesk.errors import StorageError
from crashdesk.server.intake.items import sum_of_items
from crashdesk.server.intake.queue import IntakeRow
from crashdesk.server.intake.spool import Spool


class EmbeddedIntake:
    """The file `path`; `position` and `move` read and move the cursor in the main database."""

    def __init__(self, path: Path, position: Callable[[], int], move: Callable[[int], None]) -> None:
        self._spool = Spool(path)
        self._position = position
        self._move = move
        self._done = 0

    @contextmanager
    def claim(self, limit: int, *, most_bytes: int | None = None) -> Iterator[list[IntakeRow]]:
        self._done = self._position()
        yield self._spool.after(self._done, limit, most_bytes=most_bytes)

    def finish(self, rows: Sequence[IntakeRow]) -> None:
        if self._position() != self._done:  # one that was left over by a killed supervisor, for the last time
            raise StorageError("Another processor has done these reports.")
        self._done = rows[-1].position
        self._move(self._done)

    def waiting(self, project_id: int | None = None) -> int:
        return self._spool.waiting(self._position(), project_id)

    def waiting_items(self, project_ids: Collection[int] | None = None) -> Counter[str]:
        return sum_of_items(self._spool.items(self._position()), project_ids)

    def received(self) -> int:
        return self._spool.received()

    def close(self) -> None:
        self._spool.close()

"""The intake of a server on one machine: the collector's file, read behind a cursor that lies in the main database.

There is one processor, so a claim locks nothing: the rows behind the cursor are its own until it moves the cursor.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from crashdesk.server.intake.items import sum_of_items
from crashdesk.server.intake.queue import IntakeReader, IntakeRow


class EmbeddedIntake:
    """The file `path`; `position` and `move` read and move the cursor in the main database."""

    def __init__(self, path: Path, position: Callable[[], int], move: Callable[[int], None]) -> None:
        self._path = path
        self._position = position
        self._move = move
        self._reader: IntakeReader | None = None

    @contextmanager
    def claim(self, limit: int, *, most_bytes: int | None = None) -> Iterator[list[IntakeRow]]:
        reader = self._opened()
        yield reader.after(self._position(), limit, most_bytes=most_bytes) if reader else []

    def finish(self, rows: Sequence[IntakeRow]) -> None:
        self._move(rows[-1].position)

    def waiting(self, project_id: int | None = None) -> int:
        reader = self._opened()
        if reader is None:
            return 0
        if project_id is None:
            return max(0, reader.received() - self._position())  # positions have no gaps
        return sum(bodies for owner, _, bodies in reader.items_behind(self._position()) if owner == project_id)

    def waiting_items(self, project_ids: Collection[int] | None = None) -> Counter[str]:
        reader = self._opened()
        return sum_of_items(reader.items_behind(self._position()), project_ids) if reader else Counter()

    def received(self) -> int:
        reader = self._opened()
        return reader.received() if reader else 0

    def close(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def _opened(self) -> IntakeReader | None:
        """Return the reader; None while nothing was ever accepted."""
        if self._reader is None and self._path.exists():
            self._reader = IntakeReader.open(self._path)
        return self._reader

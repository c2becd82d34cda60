"""What the processor and statistics see of an intake, whichever database it lies in.

Rows are claimed, processed and finished. ``finish`` belongs into the transaction that stores what the rows became, so
that each is stored exactly once; a row that was claimed and not finished comes again, to whoever asks next.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from crashdesk.server.intake.queue import IntakeRow


class Intake(Protocol):
    """One queue of accepted bodies; used by one thread at a time."""

    def claim(self, limit: int, *, most_bytes: int | None = None) -> AbstractContextManager[list[IntakeRow]]:
        """Yield up to `limit` rows, oldest first, that nobody else gets while the block lasts; none is a good answer.

        There are no more once their bodies reach `most_bytes`. Raises StorageError when the intake cannot be read.
        """

    def finish(self, rows: Sequence[IntakeRow]) -> None:
        """Take claimed rows, the next in their order, out of the queue: for good once the transaction commits."""

    def waiting(self, project_id: int | None = None) -> int:
        """Return how many accepted bodies, of one project or of all, are not yet finished."""

    def waiting_items(self, project_ids: Collection[int] | None = None) -> Counter[str]:
        """Return how many items of each type (as the door counted them) lie in the bodies that wait."""

    def received(self) -> int:
        """Return how many bodies were ever accepted."""

    def close(self) -> None:
        """Let files and connections go; they are opened again when they are needed."""

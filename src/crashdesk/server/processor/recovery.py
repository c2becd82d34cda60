"""What a processor remembers of earlier starts, so that a report that ends the process is found and set aside.

A failure that Python can catch is bisected by the worker. One that kills the process (memory, a fault in a library)
shows only in starts that bring nothing forward: after some of them rows go one by one, each named before it is tried.
"""

from typing import Any, Self

from django.db import connection

from crashdesk.server.events.queries import intake_position, noted_positions
from crashdesk.server.events.services import move_intake_position
from crashdesk.server.installation import Installation

PATIENCE = 5
STARTS, SUSPECT = "starts", "suspect"


class Notes:
    """The notes of the processor called `who`, written at once: what they are about may never be committed."""

    def __init__(self, who: str = "", through: Any = connection) -> None:
        self._starts = f"{STARTS}:{who}" if who else STARTS
        self._suspect = f"{SUSPECT}:{who}" if who else SUSPECT
        self._through = through

    @classmethod
    def of(cls, server: Installation) -> Self:
        """Return the notes of this machine's processor: on PostgreSQL beside the transaction that holds the rows."""
        return cls(server.node, connection.copy()) if server.database else cls()

    def close(self) -> None:
        """Let the connection go; it is opened again when it is needed."""
        self._through.close()

    def note_start(self) -> bool:
        """Note a start with reports waiting; return whether earlier ones brought nothing forward: care is due then."""
        starts = intake_position(self._starts, through=self._through) + 1
        move_intake_position(starts, self._starts, through=self._through)
        return starts > PATIENCE

    def note_progress(self) -> None:
        """Note that this start has brought something forward."""
        move_intake_position(0, self._starts, through=self._through)

    def suspects(self) -> set[int]:
        """Return the rows that were being tried alone when a processor, this or another one, ended."""
        return noted_positions(SUSPECT, through=self._through)

    def name_suspect(self, position: int) -> None:
        """Note which row is tried next; 0 when none is."""
        move_intake_position(position, self._suspect, through=self._through)

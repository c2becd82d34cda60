"""What the processor remembers of earlier starts, so that a report that ends the process is found and set aside.

A failure that Python can catch is bisected by the worker. One that kills the process (memory, a fault in a library)
shows only in starts that bring nothing forward: after some of them rows go one by one, each named before it is tried.
"""

from crashdesk.server.events.queries import intake_position
from crashdesk.server.events.services import move_intake_position

PATIENCE = 5
STARTED_AT, STARTS, SUSPECT = "started_at", "starts", "suspect"


def note_start() -> bool:
    """Note a start with reports waiting; return whether earlier ones brought nothing forward, so that care is due."""
    position = intake_position()
    starts = intake_position(STARTS) + 1 if intake_position(STARTED_AT) == position else 1
    move_intake_position(position, STARTED_AT)
    move_intake_position(starts, STARTS)
    return starts > PATIENCE


def suspect() -> int:
    """Return the row that was being tried alone when the process ended, else 0."""
    return intake_position(SUSPECT)


def name_suspect(position: int) -> None:
    """Note which row is tried next; 0 when none is."""
    move_intake_position(position, SUSPECT)

"""What the processor does now and then besides reports, by a table; each duty is brief, so that reports do not wait."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import DatabaseError

from crashdesk import clock, logs
from crashdesk.errors import StorageError
from crashdesk.server.events import partitions
from crashdesk.server.processor import measuring

_log = logs.logger("processor")


@dataclass(frozen=True, slots=True)
class Duty:
    """One thing to do every `seconds`, the first time at the start; several processors may do it side by side."""

    name: str
    do: Callable[[datetime], object]
    seconds: float


DUTIES: tuple[Duty, ...] = (
    Duty("partitions of events", partitions.look_after, 6 * 3600.0),
    Duty("figures", measuring.keep, measuring.KEEP_EVERY_SECONDS),
)


class Housekeeping:
    """Remembers when each duty is due."""

    def __init__(self, duties: Sequence[Duty] = DUTIES) -> None:
        self._due = {duty: clock.monotonic() for duty in duties}

    def do_one_that_is_due(self) -> None:
        """Do at most one duty; one that fails is tried again when it is due the next time."""
        now = clock.monotonic()
        duty = next((found for found, due_at in self._due.items() if due_at <= now), None)
        if duty is None:
            return
        self._due[duty] = now + duty.seconds
        try:
            duty.do(clock.now())
        except (DatabaseError, StorageError) as error:
            _log.warning("The %s could not be looked after: %s", duty.name, str(error).strip())

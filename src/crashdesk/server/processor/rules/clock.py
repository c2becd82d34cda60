"""When it happened: the device's time, corrected where its clock was wrong, within what can be true.

A client states when it sent the report; the difference to its arrival is the error of its clock. The time of arrival
rules order and retention; the device's own time stays in the body.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from crashdesk.protocol import foreign
from crashdesk.server.processor.draft import Arrival, Draft

NAME = "clock"
TRANSIT = timedelta(seconds=60)  # a difference that travelling explains is no error of a clock
OLDEST = timedelta(days=90)


class When(NamedTuple):
    """When something happened, the error of the device's clock in seconds, and whether its own time can be true."""

    moment: datetime
    error_seconds: int = 0
    is_true: bool = True


def apply(draft: Draft) -> None:
    """Set `happened_at`; note a correction, and a time that cannot be true."""
    found = when(foreign.moment(draft.payload.get("timestamp")), draft.arrival)
    draft.happened_at = found.moment
    if found.error_seconds:
        draft.note(NAME, "device_clock_corrected", seconds=found.error_seconds)
    if not found.is_true:
        draft.note(NAME, "time_of_arrival_taken")


def when(told: datetime | None, arrival: Arrival) -> When:
    """Return when something happened that a device's clock told; without a word of it, at its arrival."""
    if told is None:
        return When(arrival.received_at)
    error = arrival.received_at - arrival.sent_at if arrival.sent_at else timedelta()
    seconds = 0
    if abs(error) > TRANSIT:
        seconds = round(error.total_seconds())
        told = _shifted(arrival, told, error)
    if arrival.received_at - OLDEST <= told <= arrival.received_at + TRANSIT:
        return When(min(told, arrival.received_at), seconds)
    return When(arrival.received_at, seconds, is_true=False)


def _shifted(arrival: Arrival, told: datetime, error: timedelta) -> datetime:
    try:
        return told + error
    except OverflowError:
        return arrival.received_at

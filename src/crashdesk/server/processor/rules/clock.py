"""When it happened: the device's time, corrected where its clock was wrong, within what can be true.

A client states when it sent the report; the difference to its arrival is the error of its clock. The time of arrival
rules order and retention; the device's own time stays in the body.
"""

from datetime import datetime, timedelta

from crashdesk.protocol import foreign
from crashdesk.server.processor.draft import Draft

NAME = "clock"
TRANSIT = timedelta(seconds=60)  # a difference that travelling explains is no error of a clock
OLDEST = timedelta(days=90)


def apply(draft: Draft) -> None:
    """Set `happened_at`; note a correction, and a time that cannot be true."""
    arrival = draft.arrival
    told = foreign.moment(draft.payload.get("timestamp"))
    if told is None:
        draft.happened_at = arrival.received_at
        return
    error = arrival.received_at - arrival.sent_at if arrival.sent_at else timedelta()
    if abs(error) > TRANSIT:
        draft.note(NAME, "device_clock_corrected", seconds=round(error.total_seconds()))
        told = _shifted(draft, told, error)
    if arrival.received_at - OLDEST <= told <= arrival.received_at + TRANSIT:
        draft.happened_at = min(told, arrival.received_at)
    else:
        draft.happened_at = arrival.received_at
        draft.note(NAME, "time_of_arrival_taken")


def _shifted(draft: Draft, told: datetime, error: timedelta) -> datetime:
    try:
        return told + error
    except OverflowError:
        return draft.arrival.received_at

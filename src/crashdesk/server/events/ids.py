"""Time-ordered ids: milliseconds since 2024 in the high bits, chance and a counter in the 22 below.

They grow with every call of one process; two processes that write at the same millisecond differ by chance.
"""

import secrets
import threading
from datetime import UTC, datetime, timedelta

EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
COUNTER_BITS = 22
LAST_MILLISECOND = 2**41 - 1  # in 2093; a clock set further must not give ids that no column holds
_ROLL_BITS = 21  # one bit is left, so that two million ids fit into a millisecond whatever was rolled
_MILLISECOND = timedelta(milliseconds=1)

_lock = threading.Lock()
_last = 0


def new_id(now: datetime) -> int:
    """Return an id for a row that is written `now`; greater than every earlier one of this process."""
    global _last  # noqa: PLW0603 - order within the process is the point
    with _lock:
        _last = max(first_at(now) | secrets.randbits(_ROLL_BITS), _last + 1)
        return _last


def first_at(moment: datetime) -> int:
    """Return the lowest id that a row written at `moment` can have: ids of a time range lie between two of these."""
    return min(max(0, (moment - EPOCH) // _MILLISECOND), LAST_MILLISECOND) << COUNTER_BITS


def time_of(row_id: int) -> datetime:
    """Return when the row with this id was written, to the millisecond."""
    return EPOCH + (row_id >> COUNTER_BITS) * _MILLISECOND

"""When to try again after a failure: pure, so that a test can see every value."""

FIRST_SECONDS = 1.0
LONGEST_SECONDS = 900.0
_MOST_DOUBLINGS = 10  # 2**10 s is beyond the longest wait


def delay(attempt: int, roll: float) -> float:
    """Return the seconds to wait after the `attempt`-th failure in a row (1, 2, ...).

    It doubles up to 15 minutes; `roll` in [0, 1) spreads it from half to one and a half of that, so that many agents
    do not come back at once.
    """
    doublings = min(max(attempt, 1) - 1, _MOST_DOUBLINGS)
    return min(FIRST_SECONDS * (1 << doublings) * (0.5 + roll), LONGEST_SECONDS)

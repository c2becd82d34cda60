"""Time is aware, in UTC, and stands still when a test holds it."""

from datetime import UTC, timedelta

from crashdesk import clock


def test_now_is_aware_and_in_utc():
    assert clock.now().tzinfo is UTC


def test_a_frozen_clock_moves_only_when_told():
    frozen = clock.FrozenClock()
    before = frozen.now()
    frozen.sleep(90)
    assert frozen.now() - before == timedelta(seconds=90)
    assert frozen.monotonic() == 90

import pytest

from crashdesk.agent.backoff import delay


def test_it_doubles_with_each_failure():
    assert [delay(attempt, 0.5) for attempt in (1, 2, 3, 4)] == [1, 2, 4, 8]


@pytest.mark.parametrize("roll", [0.0, 0.5, 0.999])
def test_it_never_waits_longer_than_fifteen_minutes(roll):
    assert all(0 < delay(attempt, roll) <= 900 for attempt in range(-1, 2000))
    assert delay(2000, roll) >= 450


def test_the_roll_spreads_it_from_half_to_one_and_a_half():
    assert delay(4, 0.0) == 4
    assert delay(4, 0.999) == pytest.approx(12, rel=0.01)


def test_three_failures_are_over_within_seconds():
    assert sum(delay(attempt, 0.999) for attempt in (1, 2, 3)) < 11

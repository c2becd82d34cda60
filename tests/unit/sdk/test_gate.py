"""The brake for storms."""

from crashdesk.sdk.gate import KEYS_KEPT, StormGate


def test_equal_failures_beyond_the_burst_are_held_back():
    gate = StormGate(burst=3)
    assert [gate.admit("same", now=0.0) for _ in range(5)] == [True, True, True, False, False]
    assert gate.seen("same") == 5


def test_other_failures_are_not_held_back_by_a_storm():
    gate = StormGate(burst=1)
    assert [gate.admit(key, now=0.0) for key in ("a", "a", "b")] == [True, False, True]


def test_without_refill_a_failure_stays_held_back():
    gate = StormGate(burst=1)
    gate.admit("a", now=0.0)
    assert not gate.admit("a", now=1e9)


def test_with_refill_reports_come_back_slowly():
    gate = StormGate(burst=2, refill_seconds=10.0)
    assert [gate.admit("a", now=0.0) for _ in range(3)] == [True, True, False]
    assert not gate.admit("a", now=9.0)
    assert gate.admit("a", now=10.0)
    assert [gate.admit("a", now=1000.0) for _ in range(3)] == [True, True, False]


def test_a_clock_that_goes_back_gives_nothing_away():
    gate = StormGate(burst=1, refill_seconds=1.0)
    gate.admit("a", now=100.0)
    assert not gate.admit("a", now=0.0)


def test_the_number_of_remembered_failures_is_bounded():
    gate = StormGate(burst=1)
    for number in range(KEYS_KEPT + 50):
        assert gate.admit(number, now=0.0)
    assert gate.seen(0) == 0
    assert gate.seen(KEYS_KEPT + 49) == 1

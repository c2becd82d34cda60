"""Duties beside reports: when they are due, and that one that fails hinders nobody."""

import pytest
from django.db import OperationalError

from crashdesk import clock
from crashdesk.server.processor.housekeeping import Duty, Housekeeping


@pytest.fixture
def at(monkeypatch):
    """The monotonic clock of this test, in seconds."""
    moment = [100.0]
    monkeypatch.setattr(clock, "monotonic", lambda: moment[0])
    return moment


def test_a_duty_is_done_at_the_start_and_whenever_its_time_has_passed(at):
    done = []
    house = Housekeeping([Duty("x", done.append, 10.0)])
    for seconds in (0.0, 9.0, 1.0, 3.0):
        at[0] += seconds
        house.do_one_that_is_due()
    assert len(done) == 2


def test_one_duty_is_done_at_a_time(at):
    done = []
    duties = [Duty(name, lambda _, name=name: done.append(name), 10.0) for name in ("a", "b")]
    house = Housekeeping(duties)
    house.do_one_that_is_due()
    assert done == ["a"]
    house.do_one_that_is_due()
    assert done == ["a", "b"]


def test_a_duty_that_fails_is_told_and_comes_again(at, expected_logs):
    expected_logs("The x could not be looked after: gone")
    tries = []

    def failing(_now):
        tries.append(1)
        raise OperationalError("gone\n")

    house = Housekeeping([Duty("x", failing, 10.0)])
    house.do_one_that_is_due()
    at[0] += 10
    house.do_one_that_is_due()
    assert len(tries) == 2

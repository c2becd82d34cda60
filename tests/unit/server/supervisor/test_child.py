"""A part as a child process: started again when it ends, later each time, and ended for good in time."""

import signal
import sys

import pytest

from crashdesk import clock
from crashdesk.server.supervisor import child as child_module
from crashdesk.server.supervisor.child import MAX_DELAY_SECONDS, Child, ChildState
from support.waiting import until


def child_running(code: str) -> Child:
    return Child("worker", [sys.executable, "-c", code], (), {})


@pytest.fixture
def sleeper():
    child = child_running("import time; time.sleep(60)")
    yield child
    child.stop()
    child.await_end(clock.monotonic() + 5)


def test_a_part_is_due_at_once_and_not_while_it_runs(sleeper):
    assert sleeper.due_in_seconds() == 0.0
    sleeper.start()
    assert (sleeper.due_in_seconds(), sleeper.state, sleeper.note_end()) == (None, ChildState.STARTING, False)


def test_a_part_that_ended_is_due_again_after_a_moment(expected_logs):
    expected_logs(r"the worker ended \(status 3\) and is started again")
    child = child_running("raise SystemExit(3)")
    child.start()
    until(child.note_end)
    assert (child.state, child.restarts) == (ChildState.WAITING, 1)
    assert 0 < child.due_in_seconds() <= child_module.FIRST_DELAY_SECONDS


def test_a_part_that_keeps_falling_waits_longer_each_time(expected_logs):
    expected_logs("is started again in")
    child = child_running("raise SystemExit(1)")
    for _ in range(3):
        child.start()
        until(child.note_end)
    assert child.restarts == 3
    for _ in range(10):
        child._plan_next_start("test")
    assert child.due_in_seconds() <= MAX_DELAY_SECONDS


def test_a_part_that_was_ready_is_soon_there_again_however_often_it_is_killed(sleeper, expected_logs):
    expected_logs("is started again in")
    for _ in range(10):
        sleeper._plan_next_start("test")
        sleeper.state = ChildState.READY
    sleeper._plan_next_start("test")
    assert 0 < sleeper.due_in_seconds() <= 1.0


def test_a_long_life_is_forgiven(expected_logs, monkeypatch):
    expected_logs("is started again in 0.1 s")
    monkeypatch.setattr(child_module, "CALM_AFTER_SECONDS", -1)
    child = child_running("raise SystemExit(1)")
    for _ in range(3):
        child.start()
        until(child.note_end)
    assert child.due_in_seconds() <= child_module.FIRST_DELAY_SECONDS


def test_the_signal_that_killed_a_part_is_named(expected_logs):
    expected_logs(r"the worker ended \(SIGKILL\)")
    child = child_running("import time; time.sleep(60)")
    child.start()
    child.process.send_signal(signal.SIGKILL)
    until(child.note_end)


def test_a_program_that_cannot_be_started_is_tried_again(expected_logs):
    expected_logs("cannot be started")
    child = Child("worker", ["/nowhere/python"], (), {})
    child.start()
    assert child.state is ChildState.WAITING
    assert child.due_in_seconds() > 0


def test_a_part_that_does_not_listen_is_killed_in_time(tmp_path):
    child = child_running(
        "import pathlib, signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        f"pathlib.Path({str(tmp_path / 'deaf')!r}).touch(); time.sleep(60)"
    )
    child.start()
    until((tmp_path / "deaf").exists)
    child.stop()
    child.await_end(clock.monotonic() + 0.1)
    assert child.process.returncode == -signal.SIGKILL

import signal
import threading

import pytest

from crashdesk.agent import main
from crashdesk.agent.http import HttpSender
from crashdesk.agent.single_instance import acquire
from crashdesk.agent.uploader import Uploader
from crashdesk.outbox.notices import Notices
from crashdesk.outbox.store import Outbox, State
from support.collectors import running_collector
from support.outboxes import new_report
from support.waiting import until


@pytest.fixture
def outbox(tmp_path):
    outbox = Outbox.open(tmp_path / "outbox")
    yield outbox
    outbox.close()


@pytest.fixture
def working(outbox):
    """An agent that has been started on a thread of its own; ended after the test."""
    agent = main.Headless(outbox, Uploader(outbox, HttpSender()), idle_seconds=0.5)
    thread = threading.Thread(target=agent.run)
    thread.start()
    yield thread
    agent.end()
    thread.join(10)


def test_it_sends_everything_and_ends(outbox):
    with running_collector() as collector:
        for _ in range(3):
            outbox.put(new_report(dsn=collector.dsn))
        assert main.run(outbox.directory, None, headless=True, until_empty=True) == 0
    assert outbox.count(State.DONE) == 3


def test_it_ends_by_itself_when_it_is_idle(working):
    working.join(10)
    assert not working.is_alive()


def test_it_does_not_end_while_something_may_be_sent_later(outbox, working):
    outbox.put(new_report())  # nobody listens there
    until(lambda: outbox.count(State.LATER))
    working.join(1.5)
    assert working.is_alive()


def test_the_notice_to_quit_ends_it(outbox, working):
    outbox.put(new_report())
    Notices(outbox).post("quit")
    working.join(10)
    assert not working.is_alive()


def test_a_second_agent_asks_the_first_to_come_forward(outbox):
    with acquire(outbox.directory):
        assert main.run(outbox.directory, headless=True) == 0
    assert Notices(outbox).take("show") == [{}]


def test_a_second_agent_that_is_to_empty_the_outbox_waits_for_the_first(outbox):
    with running_collector() as collector:
        outbox.put(new_report(dsn=collector.dsn))
        first = acquire(outbox.directory)
        second = threading.Thread(target=main.run, args=(outbox.directory, None, True, True))
        second.start()
        second.join(1)
        assert second.is_alive()
        first.release()
        second.join(10)
        assert not second.is_alive()
    assert outbox.count(State.DONE) == 1


def test_what_came_in_while_it_let_go_of_the_lock_is_seen(outbox):
    assert not main._is_needed_again(outbox, with_windows=False)
    assert not main._is_needed_again(outbox, with_windows=True)
    outbox.put(new_report(state=State.WAITING))
    assert not main._is_needed_again(outbox, with_windows=False)
    assert main._is_needed_again(outbox, with_windows=True)
    outbox.put(new_report())
    assert main._is_needed_again(outbox, with_windows=False)


def test_a_wish_for_the_feedback_window_is_seen_too(outbox):
    Notices(outbox).post("open_feedback")
    assert main._is_needed_again(outbox, with_windows=True)


def test_a_signal_that_the_windows_heard_is_known():
    heard = []
    before = signal.signal(signal.SIGTERM, lambda *_: heard.append(True))
    try:
        with main._Signals() as signals:
            signal.raise_signal(signal.SIGTERM)
        assert (signals.came, heard) == (True, [True])
        with main._Signals() as signals:
            pass
        assert not signals.came
    finally:
        signal.signal(signal.SIGTERM, before)

"""The headless agent as a real process, against a real server that misbehaves."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from crashdesk.outbox.location import AGENT_LOCK_FILE
from crashdesk.outbox.locks import is_held
from crashdesk.outbox.notices import Notices
from crashdesk.outbox.store import Outbox, State
from support import collectors
from support.collectors import running_collector, unused_port
from support.outboxes import new_report
from support.waiting import until

EVENT_ID = "a" * 32


@pytest.fixture
def outbox(tmp_path):
    outbox = Outbox.open(tmp_path / "outbox")
    yield outbox
    outbox.close()


@contextmanager
def agent(outbox, *arguments, form="--headless"):
    command = [sys.executable, "-m", "crashdesk", "agent", "--data", str(outbox.directory), *arguments]
    command += ["--headless"] if form == "--headless" else []
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_it_empties_the_outbox_and_ends_well(outbox):
    with running_collector() as collector:
        for _ in range(5):
            outbox.put(new_report(dsn=collector.dsn))
        with agent(outbox, "--until-empty") as process:
            assert process.wait(60) == 0
    assert len(set(collector.event_ids)) == 5
    assert outbox.count(State.DONE) == 5


def test_a_server_that_starts_after_the_third_failed_try_gets_the_report_once(outbox):
    port = unused_port()
    number = outbox.put(new_report(EVENT_ID, dsn=f"http://k@127.0.0.1:{port}/7"))
    with agent(outbox, "--until-empty") as process:
        until(lambda: outbox.get(number).attempts >= 3, seconds=60)
        with running_collector(port=port) as collector:
            assert process.wait(60) == 0
    assert collector.event_ids == [EVENT_ID]


def test_an_agent_killed_while_sending_loses_nothing(outbox):
    with running_collector(collectors.silence) as collector:
        outbox.put(new_report(EVENT_ID, dsn=collector.dsn))
        with agent(outbox) as first:
            until(lambda: collector.received, seconds=60)
            first.kill()
            first.wait(10)
        assert outbox.count(State.CLAIMED) == 1
        with agent(outbox, "--until-empty") as second:
            assert second.wait(60) == 0
    assert collector.event_ids == [EVENT_ID, EVENT_ID]  # the server drops the repeat by its id
    assert outbox.count(State.DONE) == 1


@pytest.mark.parametrize("form", ["--headless", "with windows"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_within_two_seconds_even_while_it_sends(outbox, number, form):
    with running_collector(collectors.silence) as collector:
        outbox.put(new_report(dsn=collector.dsn))
        with agent(outbox, form=form) as process:
            until(lambda: collector.received, seconds=60)
            began = time.monotonic()
            process.send_signal(number)
            assert process.wait(30) == 0
            assert time.monotonic() - began < 2
            assert "Traceback" not in process.communicate()[1]
    assert outbox.count(State.LATER) == 1


def test_a_second_agent_ends_at_once_and_calls_the_first(outbox):
    with agent(outbox, "--stay"):
        until(lambda: is_held(outbox.directory / AGENT_LOCK_FILE), seconds=60)
        with agent(outbox) as second:
            assert second.wait(60) == 0
    assert Notices(outbox).take("show") == [{}]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [(["--dsn", "nonsense"], "The DSN"), (["--data", "/dev/null/outbox"], "cannot be used")],
)
def test_wrong_use_is_one_clear_line(outbox, arguments, sentence):
    with agent(outbox, *arguments) as process:
        _, err = process.communicate(timeout=60)
    assert process.returncode in {1, 2}
    assert sentence in err
    assert err.count("\n") == 1


def test_the_headless_agent_is_small(outbox):
    code = (
        "import sys, crashdesk.agent.main; names = {name.partition('.')[0] for name in sys.modules};"
        "print(*names & {'PySide6', 'sqlite_utils', 'django', 'sentry_sdk', 'asyncio'})"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert found.split() == []
    with agent(outbox, "--stay") as process:
        until(lambda: is_held(outbox.directory / AGENT_LOCK_FILE), seconds=60)
        with Path(f"/proc/{process.pid}/status").open(encoding="ascii") as status:
            resident = next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
    assert resident < 80_000  # kilobytes

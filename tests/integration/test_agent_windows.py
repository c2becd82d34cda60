"""The agent as a real process with real windows, driven by real keys, sending to a real server."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crashdesk.outbox.notices import Notices
from crashdesk.outbox.store import Outbox, State
from crashdesk.protocol.envelope import Envelope
from crashdesk.protocol.feedback import Feedback
from support.collectors import Collector, running_collector
from support.waiting import until
from support.waiting_reports import event, put
from support.xvfb import Screen
from support.xvfb import screen as unseen_screen

pytestmark = [
    pytest.mark.display,
]


@pytest.fixture(scope="module")
def screen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Screen]:
    with unseen_screen(tmp_path_factory.mktemp("screen")) as opened:
        yield opened


@pytest.fixture
def server() -> Iterator[Collector]:
    with running_collector() as running:
        yield running


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    opened = Outbox.open(tmp_path / "outbox")
    yield opened
    opened.close()


@pytest.fixture
def agent(screen: Screen, server: Collector, outbox: Outbox) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Start the agent of the outbox on the screen; it ends with the test."""
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "crashdesk", "agent", "--data", str(outbox.directory), "--dsn", server.dsn]
        started.append(subprocess.Popen([*command, "--product", "Fieldbook"], env=screen.environment))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait(10)


def test_words_typed_after_a_crash_arrive_with_the_report(screen: Screen, server, outbox: Outbox, agent) -> None:
    number = put(outbox, event(program_went_on=True), dsn=server.dsn)
    agent()
    screen.window("Fieldbook ran into an error")
    screen.type("I removed the last row")
    screen.key("alt+o", "alt+s")
    until(lambda: outbox.get(number).state is State.DONE, what="the report is delivered")
    envelope = Envelope.parse(server.received[0].body)
    assert Feedback.from_event(envelope.items[1].json()).message == "I removed the last row"
    assert envelope.items[0].json()["contexts"]["crashdesk"]["how_often"] == "sometimes"
    assert screen.is_gone("Fieldbook ran into an error")


def test_part_switched_off_by_keyboard_never_reaches_the_server(screen: Screen, server, outbox, agent) -> None:
    put(outbox, dsn=server.dsn)
    agent()
    screen.window("Fieldbook had to close")
    screen.key("alt+e")
    screen.window("Everything that would be sent")
    screen.key("Down", "space", "Escape")
    screen.window("Fieldbook had to close")
    screen.key("alt+s")
    until(lambda: server.received, what="the report arrives")
    assert b"breadcrumbs" not in server.received[0].body
    assert b"IndexError" in server.received[0].body


def test_nothing_is_sent_before_the_person_says_so(screen: Screen, server, outbox: Outbox, agent) -> None:
    put(outbox, dsn=server.dsn)
    process = agent()
    screen.window("Fieldbook had to close")
    screen.type("half a thought\n")
    screen.key("Escape")
    until(lambda: outbox.fact(f"draft:{outbox.reports()[0].id}") is not None, what="the draft is kept")
    process.send_signal(signal.SIGTERM)
    assert process.wait(5) == 0
    assert not server.received
    assert outbox.count(State.WAITING) == 1


def test_feedback_is_written_and_sent(screen: Screen, server, outbox: Outbox, agent) -> None:
    Notices(outbox).post("open_feedback", {"product": "Fieldbook"})
    agent()
    screen.window("Send feedback to the makers of Fieldbook")
    screen.type("Rows vanish")
    screen.key("alt+s")
    until(lambda: server.received, what="the feedback arrives")
    payload = Envelope.parse(server.received[0].body).items[0].json()
    assert Feedback.from_event(payload).message == "Rows vanish"
    assert payload["contexts"]["os"]["name"]


def test_second_start_brings_the_windows_of_the_first_to_the_front(screen: Screen, outbox: Outbox, agent) -> None:
    Notices(outbox).post("open_feedback")
    agent()
    screen.window("Send feedback")
    assert agent().wait(20) == 0
    assert screen.window("Send feedback")


def test_agent_killed_while_the_person_writes_keeps_the_words(screen: Screen, server, outbox, agent) -> None:
    number = put(outbox, dsn=server.dsn)
    process = agent()
    screen.window("Fieldbook had to close")
    screen.type("half a thought")
    until(lambda: outbox.fact(f"draft:{number}") is not None, what="the draft is kept")
    process.kill()
    process.wait(10)
    agent()
    screen.window("Fieldbook had to close")
    screen.key("alt+s")
    until(lambda: server.received, what="the report arrives")
    assert b"half a thought" in server.received[0].body
    assert screen.is_gone("Fieldbook had to close")

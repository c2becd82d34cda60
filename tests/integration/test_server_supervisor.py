"""The life of the server's processes: none outlives the supervisor, who falls is started again, the end is quick."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from crashdesk.protocol.dsn import Dsn
from crashdesk.protocol.envelope import new_event_id
from crashdesk.server.intake.queue import IntakeReader
from support.intakes import envelope_bytes
from support.posting import until_stored
from support.servers import Server, running_server, server_away, server_command
from support.waiting import until

PARTS = {"collector", "processor", "web"}


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    """Yield a server that tests leave running, whatever they do to its parts."""
    with running_server(tmp_path_factory.mktemp("supervisor")) as server:
        yield server


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[Server]:
    """Yield a server that a test may end."""
    with running_server(tmp_path) as server:
        yield server


def is_gone(pid: int) -> bool:
    """Whether a process has ended; one that nobody has waited for yet counts as ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def send(server: Server) -> tuple[int, bytes]:
    auth = {"X-Sentry-Auth": Dsn.parse(server.dsn).auth_header("test/1")}
    return server.post("/api/1/envelope/", envelope_bytes(new_event_id()), auth)


def stored(server: Server) -> int:
    return server.api("installation/stats/")["events_stored"]


def test_the_address_is_printed_when_all_parts_are_ready(server):
    assert f"Crashdesk serves {server.url}" in server.log()
    assert set(server.pids()) == PARTS


def test_each_part_is_a_process_of_its_own_and_only_one_has_the_public_port(server):
    assert len(set(server.pids().values())) == 3
    listening = [part for part in PARTS if "--listen" in server.command_line_of(part)]
    assert sorted(listening) == ["collector", "web"]


def test_the_collector_holds_no_django():
    done = subprocess.run(
        [sys.executable, "-c", "import sys, crashdesk.server.asgi; print('django' in sys.modules)"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "False\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_everything_in_three_seconds(mortal, number):
    pids = mortal.pids().values()
    begun = time.monotonic()
    mortal.process.send_signal(number)
    assert mortal.process.wait(10) == 0
    assert time.monotonic() - begun < 3
    assert all(is_gone(pid) for pid in pids)
    assert not (mortal.data / "status.json").exists()


def test_it_ends_as_quickly_while_connections_are_open(mortal):
    with socket.create_connection(("127.0.0.1", mortal.port)) as connection:
        connection.sendall(b"POST /api/1/envelope/?sentry_key=x HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
        begun = time.monotonic()
        assert mortal.stop() == 0
    assert time.monotonic() - begun < 3


def test_no_part_outlives_a_supervisor_that_was_killed(mortal):
    pids = mortal.pids().values()
    mortal.process.kill()
    mortal.process.wait()
    until(lambda: all(is_gone(pid) for pid in pids), 5)


def test_ctrl_c_in_a_terminal_reaches_only_the_supervisor(server):
    groups = {os.getpgid(pid) for pid in server.pids().values()}
    assert os.getpgid(server.process.pid) not in groups


@pytest.mark.parametrize("part", sorted(PARTS))
def test_a_part_that_falls_is_started_again(server, part):
    before = stored(server)
    old = server.kill(part)
    until(lambda: server.pids().get(part, old) != old, what="another process")
    server.wait_until_ready()
    assert json.loads((server.data / "status.json").read_text())[part]["restarts"] >= 1
    assert f"the {part} ended (SIGKILL)" in server.log()
    assert send(server)[0] == 200
    assert server.get("/login/")[0] == 200
    until_stored(server, before + 1)


def test_who_connects_while_the_collector_is_away_waits_and_is_served(server):
    server.kill("collector")
    assert send(server)[0] == 200


def test_who_asks_for_a_page_while_the_web_process_is_away_waits_and_is_served(server):
    server.kill("web")
    assert server.get("/login/")[0] == 200


def test_reports_are_accepted_while_processor_and_web_are_stopped(server):
    before = stored(server)
    stopped = [server.pids()[part] for part in ("processor", "web")]
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    answers = [send(server)[0] for _ in range(20)]
    for pid in stopped:
        os.kill(pid, signal.SIGCONT)
    assert answers == [200] * 20
    until_stored(server, before + 20)


def test_a_second_server_on_the_directory_is_refused(server):
    done = subprocess.run(
        server_command("run", "--data", server.data, "--port", 0), capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "already running" in done.stderr
    assert server.get("/health/ready")[0] == 200


def test_what_the_processor_stored_leaves_the_intake(server):
    until_stored(server, stored(server) + (send(server)[0] == 200))
    reader = IntakeReader.open(server.data / "intake.sqlite")
    until(lambda: reader.waiting(0) == 0, 20, "the collector to forget")
    assert reader.received() > 0
    reader.close()


def test_it_accepts_again_within_five_seconds_after_everything_was_killed(tmp_path):
    with server_away(tmp_path) as server:
        server.start()
        send(server)
        server.kill_all()
        begun = time.monotonic()
        server.start(is_awaited=False)
        until(lambda: send(server)[0] == 200, 20)
        assert time.monotonic() - begun < 5
        until_stored(server, 2)

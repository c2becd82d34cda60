"""Small decisions of the tour: port, display, words."""

import socket
import subprocess
import sys

import pytest

from crashdesk.demo import embedded_server, tour
from crashdesk.demo.attended_agent import words_about
from crashdesk.demo.fieldbook.bugs import BUGS, bug
from crashdesk.demo.processes import end
from crashdesk.demo.story import FIRST_RUN, SECOND_RUN
from crashdesk.errors import UsageError


@pytest.fixture
def taken_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_a_wanted_port_that_is_taken_is_refused_in_one_sentence(taken_port):
    with pytest.raises(UsageError, match=f"Port {taken_port} is in use"):
        embedded_server.choose_port(taken_port)


def test_the_usual_port_gives_way_when_it_is_taken(taken_port, monkeypatch):
    monkeypatch.setattr(embedded_server, "USUAL_PORT", taken_port)
    assert embedded_server.choose_port(None) not in {taken_port, 0}


def test_a_port_that_is_no_port_is_refused():
    with pytest.raises(UsageError):
        embedded_server.choose_port(70000)


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"DISPLAY": ":0"}, True),
        ({"WAYLAND_DISPLAY": "w"}, True),
        ({"DISPLAY": ":0", "CI": "true"}, False),
        ({}, False),
    ],
)
@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="there always is one")
def test_a_person_is_expected_where_there_is_a_display_and_no_ci(environment, expected, monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "CI"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert tour.has_display() is expected


def test_the_user_writes_about_each_bug_and_nothing_about_others():
    assert words_about("IndexError: list index out of range") == bug("filtered_row").words
    assert words_about("ZeroDivisionError") == ""


def test_the_story_meets_every_bug():
    assert {row.name for row in BUGS} <= {*FIRST_RUN, *SECOND_RUN}


def test_a_process_that_does_not_listen_is_ended_by_force(monkeypatch):
    monkeypatch.setattr("crashdesk.demo.processes.END_SECONDS", 0.2)
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", deaf], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        end(process)
        assert process.returncode is not None

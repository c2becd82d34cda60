"""`crashdesk demo` as a newcomer meets it: the story by itself, how it refuses, and that it leaves nothing behind."""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from support.waiting import until
from support.xvfb import screen

COMMAND = [sys.executable, "-m", "crashdesk", "demo"]
UNATTENDED = {name: value for name, value in os.environ.items() if name not in {"DISPLAY", "WAYLAND_DISPLAY", "CI"}}

pytestmark = pytest.mark.timeout(240)


def tour(*options, environment=UNATTENDED):
    return subprocess.run([*COMMAND, *map(str, options)], env=environment, capture_output=True, text=True, check=False)


def processes_with(text):
    """Return the command lines of running processes that hold `text`."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it has ended meanwhile
            found.append(file.read_text("utf-8", "replace").replace("\0", " "))
    return [line for line in found if str(text) in line]


@contextmanager
def started(directory, environment):
    """Start a tour that does not end by itself; its words go to a file."""
    words = directory / "words.txt"
    with words.open("wb") as output:
        process = subprocess.Popen([*COMMAND, "--keep", str(directory / "kept")], env=environment, stdout=output)
    try:
        yield process, lambda: words.read_text("utf-8")
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def test_the_whole_story_is_seen_on_the_server_and_nothing_is_left_behind(tmp_path):
    environment = {**UNATTENDED, "TMPDIR": str(tmp_path)}
    done = tour("--exit", environment=environment)
    assert done.returncode == 0, done.stdout
    assert "NOT" not in done.stdout
    assert re.search(r"/issues/FIELDBOOK-\d+/  \(2 reports\)", done.stdout)
    assert done.stdout.count("(1 report)") == 5
    assert list(tmp_path.iterdir()) == []
    assert processes_with(tmp_path) == []


def test_without_exit_the_server_goes_on_until_ctrl_c(tmp_path):
    with started(tmp_path, UNATTENDED) as (process, words):
        until(lambda: "until Ctrl-C" in words(), 120, "the end of the story")
        assert processes_with(tmp_path / "kept")
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    assert processes_with(tmp_path / "kept") == []
    assert (tmp_path / "kept" / "server" / "main.sqlite").exists()


@pytest.mark.display
def test_with_a_display_fieldbook_opens_and_comes_back_after_a_crash(tmp_path):
    with screen(tmp_path) as display:
        environment = {**display.environment, "BROWSER": "true"}
        environment.pop("CI", None)
        with started(tmp_path, environment) as (process, words):
            display.window(" - Fieldbook", 90)
            display.key("alt+1", "Tab", "Home", "Down", "Down", "alt+u")
            until(lambda: "opened again" in words(), 30, "the word that it crashed")
            display.window("stopped working", 60)
            display.window(" - Fieldbook")
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 0
            until(lambda: not processes_with(tmp_path / "kept"), 5, "the agent to end")


def test_a_taken_port_is_refused_before_anything_is_made(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        done = tour("--exit", "--keep", tmp_path / "kept", "--port", listener.getsockname()[1])
    assert done.returncode == 2
    assert re.fullmatch(r"crashdesk: Port \d+ is in use[^\n]*\n", done.stderr)
    assert not (tmp_path / "kept").exists()


def test_a_directory_that_is_none_is_refused_in_one_sentence(tmp_path):
    (tmp_path / "kept").write_text("a file")
    done = tour("--exit", "--keep", tmp_path / "kept")
    assert done.returncode == 1
    assert re.fullmatch(r"crashdesk: [^\n]*not a folder[^\n]*\n", done.stderr)
    assert tempfile.gettempdir() not in done.stdout

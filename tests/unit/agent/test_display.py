import socket

import pytest

from crashdesk.agent import display
from crashdesk.agent.main import has_windows


@pytest.fixture(autouse=True)
def _no_display(monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def x_server(tmp_path, monkeypatch):
    """Something that listens where an X server would."""
    monkeypatch.setattr(display, "_X_SOCKETS", str(tmp_path / "X"))
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "X7"))
        listener.listen()
        yield


def test_without_a_display_there_are_no_windows():
    assert not has_windows()


@pytest.mark.parametrize("name", [":63999", "unix:63999", "nonsense", "", ":", "127.0.0.1:59000"])
def test_a_display_that_does_not_answer_is_none(name):
    assert not display.x_answers(name)


@pytest.mark.usefixtures("x_server")
@pytest.mark.parametrize("name", [":7", ":7.0", "unix:7"])
def test_an_x_server_that_answers_is_one(monkeypatch, name):
    monkeypatch.setenv("DISPLAY", name)
    assert has_windows()


def test_a_wayland_server_that_answers_is_one(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert not display.has_display()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "wayland-0"))
        listener.listen()
        assert display.has_display()


def test_a_stand_in_that_was_asked_for_is_taken(monkeypatch):
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert has_windows()

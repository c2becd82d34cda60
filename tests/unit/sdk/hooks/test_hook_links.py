"""The chain of exception hooks: ours in front, the earlier one always called, given back at the end."""

import sys
import threading
from collections.abc import Iterator

import pytest

from crashdesk.sdk.hooks.caught import Caught
from crashdesk.sdk.hooks.exceptions import ExceptionHooks


@pytest.fixture
def seen(monkeypatch) -> list[Caught]:
    for owner, name in ((sys, "excepthook"), (threading, "excepthook"), (sys, "unraisablehook")):
        monkeypatch.setattr(owner, name, lambda *args: None)
    return []


@pytest.fixture
def hooks(seen: list[Caught]) -> Iterator[ExceptionHooks]:
    made = ExceptionHooks(seen.append)
    made.install()
    yield made
    made.uninstall()


def announce(error: BaseException) -> None:
    sys.excepthook(type(error), error, error.__traceback__)


def test_the_earlier_hook_is_called_with_the_same_arguments(seen, monkeypatch):
    earlier = []
    monkeypatch.setattr(sys, "excepthook", lambda *args: earlier.append(args))
    hooks = ExceptionHooks(seen.append)
    hooks.install()
    error = ValueError()
    announce(error)
    hooks.uninstall()
    assert earlier == [(ValueError, error, None)]
    assert [caught.error for caught in seen] == [error]


def test_a_capture_that_fails_does_not_keep_the_earlier_hook_from_its_duty(seen, monkeypatch, expected_logs):
    expected_logs("sys.excepthook failed")
    earlier = []
    monkeypatch.setattr(sys, "excepthook", lambda *args: earlier.append(args))
    hooks = ExceptionHooks(lambda caught: 1 / 0)
    hooks.install()
    announce(ValueError())
    hooks.uninstall()
    assert len(earlier) == 1


def test_installing_again_over_a_hook_of_the_host_makes_no_circle(hooks, seen):
    ours = sys.excepthook

    def theirs(*args: object) -> None:
        ours(*args)

    sys.excepthook = theirs
    hooks.install()
    announce(ValueError())
    assert len(seen) == 2  # the mark on the exception makes one report of it
    hooks.install()
    assert len(hooks._hooks) == 4


def test_after_uninstall_a_link_that_the_host_kept_only_passes_on(hooks, seen):
    kept = sys.excepthook
    hooks.uninstall()
    kept(ValueError, ValueError(), None)
    assert seen == []


def test_uninstall_leaves_a_hook_that_the_host_set_later(hooks):
    def theirs(*args: object) -> None:
        pass

    sys.excepthook = theirs
    hooks.uninstall()
    assert sys.excepthook is theirs


def test_an_exit_in_a_thread_is_no_failure(hooks, seen):
    thread = threading.Thread(target=sys.exit)
    thread.start()
    thread.join()
    assert seen == []

"""The border: failures stay inside, are counted and logged once."""

from collections.abc import Callable, Iterator

import pytest

from crashdesk.errors import StorageError
from crashdesk.sdk import guard


@pytest.fixture(autouse=True)
def _lenient_again() -> Iterator[None]:
    yield
    guard.be_strict(False)


def test_a_failure_stays_inside_and_is_logged_once(expected_logs: Callable[[str], None]):
    expected_logs("the place failed inside Crashdesk, the program goes on: ValueError")
    for _ in range(3):
        with guard.inside("the place"):
            raise ValueError
    assert guard.counts == {"the place": 3}


def test_the_text_of_a_foreign_error_is_not_logged(expected_logs: Callable[[str], None]):
    expected_logs("goes on: ValueError$")
    with guard.inside("place"):
        raise ValueError("private words of the host")


def test_the_text_of_our_own_error_is_logged(expected_logs: Callable[[str], None]):
    expected_logs("The disk is full")
    with guard.inside("place"):
        raise StorageError("The disk is full.")


def test_a_guarded_function_returns_its_default(expected_logs: Callable[[str], None]):
    expected_logs("ask failed")

    @guard.guarded("ask", otherwise="default")
    def ask() -> str:
        raise OSError

    assert ask() == "default"
    assert ask.__name__ == "ask"


@pytest.mark.parametrize("end", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_what_ends_the_program_passes(end: type[BaseException]):
    with pytest.raises(end), guard.inside("place"):
        raise end


def test_in_tests_everything_passes():
    guard.be_strict()
    with pytest.raises(ValueError, match="seen"), guard.inside("place"):
        raise ValueError("seen")


def test_the_setting_makes_it_strict_too(monkeypatch):
    monkeypatch.setenv("CRASHDESK_STRICT", "on")
    assert guard.is_strict()


def test_nonsense_in_the_setting_is_no_failure(monkeypatch):
    monkeypatch.setenv("CRASHDESK_STRICT", "perhaps")
    assert not guard.is_strict()

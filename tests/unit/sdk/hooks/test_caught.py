"""Which exceptions are failures, and the mark against reporting one twice."""

import asyncio
import concurrent.futures

import pytest

from crashdesk.sdk.hooks.caught import is_failure, mark, reported_as


@pytest.mark.parametrize(
    "error",
    [
        KeyboardInterrupt(),
        SystemExit(1),
        GeneratorExit(),
        asyncio.CancelledError(),
        concurrent.futures.CancelledError(),
        None,
    ],
)
def test_ends_by_wish_are_no_failures(error: BaseException | None):
    assert not is_failure(error)


@pytest.mark.parametrize("error", [ValueError(), MemoryError(), ExceptionGroup("g", [ValueError()]), BaseException()])
def test_everything_else_is(error: BaseException):
    assert is_failure(error)


def test_a_marked_exception_knows_its_report():
    error = ValueError()
    assert reported_as(error) is None
    mark(error, "a" * 32)
    assert reported_as(error) == "a" * 32


def test_an_exception_that_takes_no_marks_is_let_be():
    class ClosedError(Exception):
        __slots__ = ()

        @property
        def __dict__(self):
            raise AttributeError

    error = ClosedError()
    mark(error, "x")
    assert reported_as(error) is None


def test_nothing_was_never_reported():
    assert reported_as(None) is None

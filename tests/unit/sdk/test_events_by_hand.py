"""Events described without sentry-sdk."""

from types import TracebackType

import pytest

from crashdesk.sdk import events
from crashdesk.sdk.hooks.fault_text import parse

MECHANISM = {"type": "excepthook", "handled": False}


def caught(function) -> tuple[BaseException, TracebackType | None]:
    try:
        function()
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is described
        return error, error.__traceback__
    raise AssertionError


def described(function) -> list[dict]:
    error, trace = caught(function)
    return events.exception_event(error, trace, MECHANISM)["exception"]["values"]


def inner():
    raise ValueError("no value")


def outer():
    try:
        inner()
    except ValueError as error:
        raise KeyError("key") from error


def test_causes_stand_before_what_they_caused():
    values = described(outer)
    assert [(value["type"], value["value"]) for value in values] == [("ValueError", "no value"), ("KeyError", "'key'")]
    assert "mechanism" not in values[0]
    assert values[1]["mechanism"] == MECHANISM


def test_frames_stand_oldest_call_first_with_their_source():
    frame = described(outer)[0]["stacktrace"]["frames"][-1]
    assert (frame["function"], frame["module"]) == ("inner", __name__)
    assert frame["context_line"].strip() == 'raise ValueError("no value")'
    assert frame["pre_context"][-1] == "def inner():"
    assert "vars" not in frame


def test_a_context_that_was_suppressed_is_left_out():
    def hidden():
        try:
            inner()
        except ValueError:
            raise KeyError("alone") from None

    assert [value["type"] for value in described(hidden)] == ["KeyError"]


def test_a_circle_of_causes_ends():
    def circle():
        first, second = ValueError("a"), ValueError("b")
        first.__cause__, second.__cause__ = second, first
        raise first

    assert len(described(circle)) == 2


def test_an_exception_whose_text_fails_is_still_described():
    class OddError(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    def fail():
        raise OddError

    assert described(fail)[0]["value"] == "(its text could not be had: RuntimeError)"


def test_a_giant_text_and_a_deep_stack_are_bounded():
    def deep():
        return deep()

    assert len(described(deep)[0]["stacktrace"]["frames"]) == events.MOST_FRAMES
    long = events.message_event("x" * 100_000, "info")
    assert len(long["message"]) == events.VALUE_CHARACTERS


@pytest.mark.parametrize("line", [0, 10_000])
def test_a_line_outside_the_file_has_no_source(line: int):
    assert events.source_context(__file__, line) == {}


def test_the_first_line_of_a_file_has_no_lines_before():
    found = events.source_context(__file__, 1)
    assert found["pre_context"] == []
    assert len(found["post_context"]) == events.CONTEXT_LINES


FAULT = f"""Fatal Python error: Aborted

Thread 0x01 (most recent call first):
  File "/w.py", line 1 in run

Current thread 0x02 (most recent call first):
  File "{__file__}", line 3 in here
"""


def test_a_fault_is_described_as_an_exception_with_threads_below():
    event = events.fault_event(parse(FAULT), "SIGABRT", "Aborted", search_path=[__file__.rpartition("/")[0]])
    assert event["level"] == "fatal"
    entry = event["exception"]["values"][0]
    assert entry["stacktrace"]["frames"][0]["module"] == "test_events_by_hand"
    threads = [(thread["id"], thread["crashed"]) for thread in event["threads"]["values"]]
    assert threads == [("0x01", False), ("0x02", True)]

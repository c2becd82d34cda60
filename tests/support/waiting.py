"""Waiting for a condition in another process, with a deadline; the only place in the tests that pauses."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(condition: Callable[[], T], seconds: float = 20.0, what: str | Callable[[], str] = "") -> T:
    """Return the first true result of `condition`; fail after `seconds` and say what was waited for."""
    deadline = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            said = what() if callable(what) else what
            message = f"not within {seconds} s: {said or getattr(condition, '__qualname__', condition)}"
            raise AssertionError(message)
        time.sleep(0.02)

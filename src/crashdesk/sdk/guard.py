"""The border between us and the host: what fails inside stays inside, is counted, and is logged once a place.

Every way in from the host (public calls, hooks, Qt callbacks) passes through here and nowhere else catches broadly.
With the setting ``strict`` (tests) the border lets everything out again, so that nothing hides behind it.
"""

import contextlib
import functools
from collections import Counter
from collections.abc import Callable
from types import TracebackType
from typing import ParamSpec, TypeVar

from crashdesk.errors import CrashdeskError

P = ParamSpec("P")
R = TypeVar("R")
D = TypeVar("D")

counts: Counter[str] = Counter()
"""How often each place failed inside, for this process."""

_strict = False


def be_strict(yes: bool = True) -> None:
    """Let failures out (tests), or keep them in again."""
    global _strict  # noqa: PLW0603 - one border a process, as there is one host
    _strict = yes


def is_strict() -> bool:
    """Whether failures are let out: by `be_strict` or the setting."""
    from crashdesk import settings  # only when something failed: the import is felt, and nothing failed yet

    try:
        return _strict or bool(settings.value("strict"))
    except CrashdeskError:  # nonsense in the environment: this is no place to complain about it
        return False


def note(place: str, error: BaseException) -> None:
    """Count a failure inside and log the first one of its place."""
    counts[place] += 1
    if counts[place] > 1:
        return
    from crashdesk import logs  # as in is_strict

    # a message of ours is meant for people; a foreign one may quote the host's data and stays out of the log
    why = str(error) if isinstance(error, CrashdeskError) else type(error).__name__
    logs.logger("sdk").warning("%s failed inside Crashdesk, the program goes on: %s", place, why)


class inside:  # noqa: N801 - reads as a statement: with inside("hook"):
    """Context manager: an exception of the block stays in, except what asks the whole program to end."""

    __slots__ = ("place",)

    def __init__(self, place: str) -> None:
        self.place = place

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if error is None or not isinstance(error, Exception) or is_strict():
            return False
        with contextlib.suppress(Exception):  # a logging handler of the host failed; there is nobody left to tell
            note(self.place, error)
        return True


def guarded(place: str, otherwise: D) -> Callable[[Callable[P, R]], Callable[P, R | D]]:
    """Wrap a function whose failure must not be felt: it then returns `otherwise`."""

    def wrap(function: Callable[P, R]) -> Callable[P, R | D]:
        @functools.wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R | D:
            with inside(place):
                return function(*args, **kwargs)
            return otherwise

        return call

    return wrap

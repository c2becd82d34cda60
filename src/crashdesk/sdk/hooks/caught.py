"""What a hook hands on: the exception, the hook's name, and how the host goes on; and a mark against doing it twice."""

from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType

_MARK = "_crashdesk_event_id"
NOT_FAILURES = ("KeyboardInterrupt", "SystemExit", "GeneratorExit", "CancelledError")
"""Ways to end a program, a generator or a task; by name, so that no library is imported to know its own."""


@dataclass(frozen=True, slots=True)
class Caught:
    """One uncaught exception."""

    error: BaseException
    hook: str
    mechanism: str
    trace: TracebackType | None = None
    program_went_on: bool = True
    note: str | None = None
    kind: str = "python"

    @property
    def traceback(self) -> TracebackType | None:
        return self.trace or self.error.__traceback__


Capture = Callable[[Caught], object]


def is_failure(error: BaseException | None) -> bool:
    """Whether an exception is worth a report; ends by wish are not."""
    return error is not None and not any(base.__name__ in NOT_FAILURES for base in type(error).__mro__)


def mark(error: BaseException, event_id: str) -> None:
    """Remember on the exception that it is reported; it lives exactly as long as the exception does.

    Exceptions of the language cannot be referred to weakly, and a strong reference would keep the host's frames.
    """
    try:
        error.__dict__[_MARK] = event_id
    except (AttributeError, TypeError):
        return


def reported_as(error: BaseException | None) -> str | None:
    """Return the event id under which this exception was reported before, if it was."""
    found = getattr(error, "__dict__", {}).get(_MARK)
    return found if isinstance(found, str) else None

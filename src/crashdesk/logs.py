"""Log records: one root logger ``crashdesk``, text for a terminal, JSON lines elsewhere, control characters escaped.

Fields travel in ``extra={"fields": {...}}``; a field whose name tells of a secret is written as ``[removed]``. While a
request is answered, its number stands in every record. Of an exception the text is written only where its class says
that it cannot hold a report's content.
"""

import json
import logging
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import TracebackType
from typing import Any, TypeGuard

from crashdesk import settings
from crashdesk.errors import CrashdeskError

ROOT = "crashdesk"
_SECRET_WORDS = ("password", "secret", "token", "authorization", "cookie", "api_key")
_TELLING = (CrashdeskError, OSError, ImportError, AttributeError, NameError, AssertionError)
_TELLING_NAMES = frozenset({"OperationalError", "InterfaceError", "ProgrammingError"})  # of whichever database library

_MOST_LINES = 500

_request: ContextVar[str] = ContextVar("request", default="")

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def logger(name: str) -> logging.Logger:
    """Return the logger of a part, such as ``collector``; all of them hang below ``crashdesk``."""
    return logging.getLogger(f"{ROOT}.{name}")


@contextmanager
def of_request(number: str) -> Iterator[None]:
    """Let every record within the block name the request that is being answered."""
    token = _request.set(number)
    try:
        yield
    finally:
        _request.reset(token)


def request_number() -> str:
    """Return the number of the request that is being answered; empty outside of one."""
    return _request.get()


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    fields: dict[str, Any] = getattr(record, "fields", {})
    number = _request.get()
    return ({"request": number} if number else {}) | {
        name: "[removed]" if any(word in name.lower() for word in _SECRET_WORDS) else content
        for name, content in fields.items()
    }


def _is_told(found: Any) -> TypeGuard[ExcInfo]:
    return bool(found) and found[1] is not None


def _traceback(found: ExcInfo) -> str:
    """Return where an exception and what led to it came from, each on printable lines."""
    lines: list[str] = []
    error: BaseException | None = found[1]
    while error is not None and len(lines) < _MOST_LINES:
        stack = traceback.format_tb(error.__traceback__)
        lines[:0] = ["Traceback (most recent call last):", *"".join(stack).splitlines(), _told(error), ""]
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n".join(map(_printable, lines)).rstrip()


def _told(error: BaseException) -> str:
    """Return the class of an exception, and its text where that cannot hold what somebody sent."""
    name = type(error).__qualname__
    is_telling = isinstance(error, _TELLING) or name in _TELLING_NAMES
    return f"{name}: {error}" if is_telling else f"{name} (its text is left out: it may hold a report's content)"


class TextFormatter(logging.Formatter):
    """``12:00:00 INFO collector: message key=value``, on one line whatever the message holds."""

    def format(self, record: logging.LogRecord) -> str:
        part = record.name.removeprefix(f"{ROOT}.")
        tail = "".join(f" {name}={_printable(str(content))}" for name, content in _fields(record).items())
        line = (
            f"{self.formatTime(record, '%H:%M:%S')} {record.levelname} {part}: {_printable(record.getMessage())}{tail}"
        )
        return f"{line}\n{_traceback(record.exc_info)}" if _is_told(record.exc_info) else line


class JsonFormatter(logging.Formatter):
    """One JSON object a line: at, level, part, message, and the record's fields."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname,
            "part": record.name.removeprefix(f"{ROOT}."),
            "message": record.getMessage(),
            **_fields(record),
        }
        if _is_told(record.exc_info):
            entry["traceback"] = _traceback(record.exc_info)
        return json.dumps(entry, default=str)


def configure() -> None:
    """Send Crashdesk's records to standard error in the form and from the level that the settings name."""
    handler = logging.StreamHandler(sys.stderr)
    form = settings.value("log_format")
    as_text = form == "text" or (form == "auto" and sys.stderr is not None and sys.stderr.isatty())
    handler.setFormatter(TextFormatter() if as_text else JsonFormatter())
    root = logging.getLogger(ROOT)
    root.handlers[:] = [handler]
    root.setLevel(settings.value("log_level"))
    root.propagate = False

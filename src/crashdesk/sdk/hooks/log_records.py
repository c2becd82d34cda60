"""Log records become breadcrumbs; an asyncio error that only a log sees becomes a failure.

A handler on the root logger would change the host (``basicConfig`` does nothing once there is one), so the call that
hands records to handlers is wrapped instead.
"""

import functools
import logging
import threading
from collections.abc import Callable
from typing import Any

from crashdesk.sdk import guard

LEAST_LEVEL = logging.INFO
MESSAGE_CHARACTERS = 1000
OURS = ("crashdesk", "sentry_sdk", "urllib3.connectionpool")
"""Loggers that speak about reporting itself."""

_Logger: Any = logging.Logger  # its method is replaced, see above
_LEVELS = ((logging.CRITICAL, "fatal"), (logging.ERROR, "error"), (logging.WARNING, "warning"))


class LogHooks:
    """Listens to all loggers without being a handler of any."""

    def __init__(self, breadcrumb: Callable[..., None], loop_failure: Callable[[BaseException, str], None]) -> None:
        self._breadcrumb: Callable[..., None] | None = breadcrumb
        self._loop_failure = loop_failure
        self._busy = threading.local()
        self._ours: Any = None

    def install(self) -> None:
        original = logging.Logger.callHandlers

        @functools.wraps(original)
        def call_handlers(logger: logging.Logger, record: logging.LogRecord) -> None:
            if record.levelno >= LEAST_LEVEL and not getattr(self._busy, "now", False):
                self._noticed(record)
            original(logger, record)

        self._ours = call_handlers
        _Logger.callHandlers = call_handlers

    def uninstall(self) -> None:
        self._breadcrumb = None
        if self._ours is not None and _Logger.callHandlers is self._ours:
            _Logger.callHandlers = self._ours.__wrapped__

    def _noticed(self, record: logging.LogRecord) -> None:
        self._busy.now = True  # what we log while noticing is not noticed again
        try:
            with guard.inside("log records"):
                self._take(record)
        finally:
            self._busy.now = False

    def _take(self, record: logging.LogRecord) -> None:
        if self._breadcrumb is None or record.name.partition(".")[0] in OURS or record.name in OURS:
            return
        error = record.exc_info[1] if record.exc_info else None
        if record.name == "asyncio" and error is not None and record.levelno >= logging.ERROR:
            self._loop_failure(error, _message(record).partition("\n")[0])
        self._breadcrumb(
            _message(record)[:MESSAGE_CHARACTERS],
            category=f"log.{record.name}",
            level=level_name(record.levelno),
            kind="log",
        )


def _message(record: logging.LogRecord) -> str:
    """Return the text of a record; one that does not fit its arguments is the host's slip, which logging tells."""
    try:
        return record.getMessage()
    except Exception:  # noqa: BLE001 - arguments may be any objects of the host
        return str(record.msg)


def level_name(number: int) -> str:
    """Return the word for a logging level as events write it."""
    return next((word for least, word in _LEVELS if number >= least), "info" if number >= logging.INFO else "debug")

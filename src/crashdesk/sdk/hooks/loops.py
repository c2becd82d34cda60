"""Failures in asyncio: tasks nobody awaited and callbacks that fail, as the event loop itself reports them."""

import functools
from types import ModuleType
from typing import Any

from crashdesk.sdk import guard
from crashdesk.sdk.hooks.caught import Capture, Caught, is_failure


class LoopHooks:
    """Listens where every loop reports what it cannot hand to anybody; loops with a way of their own log it.

    For those see `log_records`: an error of the logger ``asyncio`` with its exception is taken as well.
    """

    def __init__(self, capture: Capture) -> None:
        self._capture: Capture | None = capture
        self._loop_class: Any = None
        self._ours: Any = None

    def attach(self, module: ModuleType) -> None:
        """Wrap ``BaseEventLoop.call_exception_handler`` in ``asyncio.base_events``."""
        self._loop_class = module.BaseEventLoop
        original = self._loop_class.call_exception_handler

        @functools.wraps(original)
        def call_exception_handler(loop: Any, context: dict[str, Any]) -> Any:
            with guard.inside("asyncio"):
                self.seen(context.get("exception"), context.get("message"))
            return original(loop, context)

        self._ours = call_exception_handler
        self._loop_class.call_exception_handler = call_exception_handler

    def detach(self) -> None:
        self._capture = None
        if self._loop_class is not None and self._loop_class.__dict__.get("call_exception_handler") is self._ours:
            self._loop_class.call_exception_handler = self._ours.__wrapped__

    def seen(self, error: BaseException | None, message: str | None = None) -> None:
        """Hand on the exception of a loop's report, if it has one."""
        if self._capture is not None and error is not None and is_failure(error):
            self._capture(Caught(error, "asyncio", "asyncio", note=message))

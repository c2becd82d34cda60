"""Failures in child processes of ``multiprocessing``, which prints them and ends before any hook is asked."""

import functools
from collections.abc import Callable
from types import ModuleType
from typing import Any

from crashdesk.sdk import guard
from crashdesk.sdk.hooks.caught import Capture, Caught, is_failure


class ChildHooks:
    """Wraps the work of each child; only in the child, whose process object is a copy."""

    def __init__(self, capture: Capture, in_child: Callable[[Callable[[], Any]], Any]) -> None:
        self._capture: Capture | None = capture
        self._in_child = in_child
        self._process_class: Any = None
        self._ours: Any = None

    def attach(self, module: ModuleType) -> None:
        """Wrap ``BaseProcess._bootstrap`` in ``multiprocessing.process``."""
        self._process_class = module.BaseProcess
        original = self._process_class._bootstrap  # noqa: SLF001 - no public place runs inside the child

        @functools.wraps(original)
        def bootstrap(process: Any, *args: Any, **kwargs: Any) -> Any:
            if self._capture is None:
                return original(process, *args, **kwargs)
            process.run = self._watched(process.run)
            return self._in_child(functools.partial(original, process, *args, **kwargs))

        self._ours = bootstrap
        self._process_class._bootstrap = bootstrap  # noqa: SLF001 - as above

    def detach(self) -> None:
        self._capture = None
        if self._process_class is not None and self._process_class.__dict__.get("_bootstrap") is self._ours:
            self._process_class._bootstrap = self._ours.__wrapped__  # noqa: SLF001 - put back

    def _watched(self, run: Any) -> Any:
        @functools.wraps(run)
        def watched_run() -> Any:
            try:
                return run()
            except Exception as error:
                with guard.inside("multiprocessing"):
                    if self._capture is not None and is_failure(error):
                        self._capture(Caught(error, "call", "multiprocessing", program_went_on=True))
                raise

        return watched_run

"""All hooks together: those of the language at once, those of libraries when the host imports them."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

from crashdesk.sdk import guard
from crashdesk.sdk.hooks.caught import Capture
from crashdesk.sdk.hooks.children import ChildHooks
from crashdesk.sdk.hooks.exceptions import ExceptionHooks
from crashdesk.sdk.hooks.futures import FutureHooks
from crashdesk.sdk.hooks.log_records import LogHooks
from crashdesk.sdk.hooks.loops import LoopHooks
from crashdesk.sdk.imports import ImportWatch


class Hooks:
    """Installs and removes them in an order in which each may fail alone."""

    def __init__(
        self,
        capture: Capture,
        breadcrumb: Callable[..., Any],
        sentry_imported: Callable[[ModuleType], None],
        in_child: Callable[[Callable[[], Any]], Any],
    ) -> None:
        self.imports = ImportWatch()
        self._sentry_imported = sentry_imported
        self._exceptions = ExceptionHooks(capture)
        self._futures = FutureHooks(capture)
        self._loops = LoopHooks(capture)
        self._children = ChildHooks(capture, in_child)
        self._logs = LogHooks(breadcrumb, self._loops.seen)

    def install(self) -> None:
        self._exceptions.install()
        self._logs.install()
        self.imports.install()
        self.imports.when("concurrent.futures._base", self._futures.attach)
        self.imports.when("asyncio.base_events", self._loops.attach)
        self.imports.when("multiprocessing.process", self._children.attach)
        self.imports.when("sentry_sdk", self._sentry_imported)

    def check(self) -> None:
        """Take the language's hooks again where the host has put its own over them."""
        self._exceptions.install()

    def report_rest(self) -> None:
        """At the end of the program: failures that nobody will ask for any more."""
        self._futures.report_rest()

    def uninstall(self) -> None:
        for step in (
            self.imports.uninstall,
            self._children.detach,
            self._loops.detach,
            self._futures.detach,
            self._logs.uninstall,
            self._exceptions.uninstall,
        ):
            with guard.inside("removing hooks"):
                step()

"""Qt's messages as breadcrumbs: warnings of layouts, timers and threads, and the words before an abort."""

import os
from collections.abc import Callable
from typing import Any

from crashdesk.sdk import guard
from crashdesk.sdk.qt.binding import Binding

MESSAGE_CHARACTERS = 1000
_LEVELS = {
    "QtDebugMsg": "debug",
    "QtInfoMsg": "info",
    "QtWarningMsg": "warning",
    "QtCriticalMsg": "error",
    "QtFatalMsg": "fatal",
}


class MessageHook:
    """Qt's message handler while we are there; hands every message on as before."""

    def __init__(self, binding: Binding, breadcrumb: Callable[..., Any]) -> None:
        self._core = binding.core
        self._breadcrumb = breadcrumb
        self._earlier: Any = None
        self._is_installed = False
        self._busy = False

    def install(self) -> None:
        self._earlier = self._core.qInstallMessageHandler(self._handle)
        self._is_installed = True

    def uninstall(self) -> None:
        """Give the handler back, unless the host has put its own in our place."""
        if not self._is_installed:
            return
        self._is_installed = False
        ours = self._core.qInstallMessageHandler(self._earlier)
        if ours is not None and getattr(ours, "__self__", None) is not self:
            self._core.qInstallMessageHandler(ours)

    def _handle(self, kind: Any, context: Any, text: str) -> None:
        # called from inside Qt, at times while it aborts: nothing may leave, not even an interrupt
        if not self._busy:
            self._busy = True
            try:
                self._note(kind, context, text)
            except BaseException as error:  # noqa: BLE001 - see above
                guard.note("Qt message handler", error)
            finally:
                self._busy = False
        self._pass_on(kind, context, text)

    def _note(self, kind: Any, context: Any, text: str) -> None:
        category = getattr(context, "category", None) or "default"
        level = _LEVELS.get(getattr(kind, "name", ""), "info")
        self._breadcrumb(text[:MESSAGE_CHARACTERS], category=f"qt.{category}", level=level, kind="log")

    def _pass_on(self, kind: Any, context: Any, text: str) -> None:
        if self._earlier is not None:
            self._earlier(kind, context, text)
            return
        with guard.inside("Qt message handler"):  # Qt itself writes past sys.stderr, which the host may have replaced
            os.write(2, f"{self._formatted(kind, context, text)}\n".encode("utf-8", "replace"))

    def _formatted(self, kind: Any, context: Any, text: str) -> str:
        form = getattr(self._core, "qFormatLogMessage", None)
        return str(form(kind, context, text)) if form is not None else text

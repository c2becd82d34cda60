"""Exceptions nobody caught: the hooks of ``sys`` and ``threading``, chained to the earlier ones."""

import sys
import threading
from types import ModuleType
from typing import Any

from crashdesk.sdk import guard
from crashdesk.sdk.hooks import pyqt
from crashdesk.sdk.hooks.caught import Capture, Caught, is_failure


class _Hook:
    """Takes the place of one hook and calls the earlier one afterwards, whatever happened to us."""

    def __init__(self, owner: ModuleType, name: str, capture: Capture) -> None:
        self.owner = owner
        self.name = name
        self.capture: Capture | None = capture
        self.earlier: Any = None

    @property
    def is_in_place(self) -> bool:
        return getattr(self.owner, self.name) is self

    def install(self) -> None:
        self.earlier = getattr(self.owner, self.name)
        setattr(self.owner, self.name, self)

    def uninstall(self) -> None:
        """Give the hook back; where somebody chained to us meanwhile, stay in the chain and only pass on."""
        self.capture = None
        if self.is_in_place:
            setattr(self.owner, self.name, self.earlier)

    def _seen(self, caught: Caught) -> None:
        if self.capture is not None and is_failure(caught.error):
            with guard.inside(caught.hook):
                self.capture(caught)

    def _earlier(self, *args: Any) -> None:
        if self.earlier is not None:
            self.earlier(*args)


class _SysHook(_Hook):
    """``sys.excepthook``: the end of the program, or of one Qt slot after which it goes on."""

    def __call__(self, kind: type[BaseException], error: BaseException, trace: Any) -> None:
        goes_on = _has_caller()
        ends_as_pyqt = goes_on and self.is_in_place and pyqt.would_abort(self.earlier)
        try:
            with guard.inside("sys.excepthook"):
                self._seen(Caught(error, "sys.excepthook", "excepthook", trace, goes_on and not ends_as_pyqt))
        finally:
            self._earlier(kind, error, trace)
            if ends_as_pyqt and is_failure(error):
                pyqt.abort()


class _ThreadHook(_Hook):
    """``threading.excepthook``: one thread ends, the program goes on."""

    def __call__(self, args: Any) -> None:
        error = args.exc_value
        with guard.inside("threading.excepthook"):
            if error is not None:
                self._seen(Caught(error, "threading", "threading", args.exc_traceback))
        self._earlier(args)


class _UnraisableHook(_Hook):
    """``sys.unraisablehook``: ``__del__``, weak reference callbacks, atexit, ctypes callbacks."""

    def __call__(self, args: Any) -> None:
        with guard.inside("sys.unraisablehook"):
            # args.object is not kept: that would bring an object back to life which is being deleted
            if args.exc_value is not None:
                self._seen(
                    Caught(args.exc_value, "unraisable", "unraisablehook", args.exc_traceback, note=args.err_msg)
                )
        self._earlier(args)


class ExceptionHooks:
    """The three hooks together."""

    def __init__(self, capture: Capture) -> None:
        self._capture = capture
        self._hooks: list[_Hook] = []

    def install(self) -> None:
        """Take each hook, or take it again when the host has put its own over ours.

        Products set their hooks late, often after their first window, so this is called from time to time. The new
        hook is a new link: the host's own may already pass on to the old one.
        """
        for make, owner, name in _LINKS:
            if any(hook.is_in_place for hook in self._hooks if hook.name == name and hook.owner is owner):
                continue
            hook = make(owner, name, self._capture)
            self._hooks.append(hook)
            hook.install()

    def uninstall(self) -> None:
        for hook in reversed(self._hooks):
            hook.uninstall()
        self._hooks.clear()


_LINKS: tuple[tuple[type[_Hook], ModuleType, str], ...] = (
    (_SysHook, sys, "excepthook"),
    (_ThreadHook, threading, "excepthook"),
    (_UnraisableHook, sys, "unraisablehook"),
)


def _has_caller() -> bool:
    """Whether Python code runs below the hook: in an event loop yes, at the end of the program no."""
    try:
        sys._getframe(2)  # noqa: SLF001 - the documented way to look at the stack cheaply
    except ValueError:
        return False
    return True

"""Exceptions nobody caught: the hooks of ``sys`` and ``threading``, chained to the earlier ones."""

import sys
import threading
from types import FrameType, ModuleType
from typing import Any

from crashdesk.sdk import guard
from crashdesk.sdk.hooks import overhearing, pyqt
from crashdesk.sdk.hooks.caught import Capture, Caught, is_failure

_OURS = (__name__, overhearing.__name__)


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
    """The three hooks together, and an eye on hooks of the host's own that do not pass on to ours."""

    def __init__(self, capture: Capture) -> None:
        self._capture = capture
        self._hooks: list[_Hook] = []
        self._overheard: overhearing.Listeners = {
            "sys.excepthook": self._sys_overheard,
            "sys.unraisablehook": self._unraisable_overheard,
        }

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
        overhearing.begin(self._overheard)

    def uninstall(self) -> None:
        overhearing.end(self._overheard)
        for hook in reversed(self._hooks):
            hook.uninstall()
        self._hooks.clear()

    def _sys_overheard(self, hook: Any, _kind: Any, error: Any, trace: Any) -> None:
        if not isinstance(hook, _Hook) and is_failure(error):
            self._capture(Caught(error, "sys.excepthook", "excepthook", trace, _has_caller()))

    def _unraisable_overheard(self, hook: Any, args: Any) -> None:
        if not isinstance(hook, _Hook) and is_failure(args.exc_value):
            self._capture(Caught(args.exc_value, "unraisable", "unraisablehook", args.exc_traceback, note=args.err_msg))


_LINKS: tuple[tuple[type[_Hook], ModuleType, str], ...] = (
    (_SysHook, sys, "excepthook"),
    (_ThreadHook, threading, "excepthook"),
    (_UnraisableHook, sys, "unraisablehook"),
)


def _has_caller() -> bool:
    """Whether something goes on below the hook: an event loop, another thread; at the end of the program nothing."""
    if threading.get_ident() != threading.main_thread().ident:
        return True  # QThread.run: Qt calls the hook with no Python frame below, and only this thread ends
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - the documented way to look at the stack cheaply
    while frame is not None and frame.f_globals.get("__name__") in _OURS:
        frame = frame.f_back
    return frame is not None

"""Failures of ``concurrent.futures`` that nobody ever asked for: reported when the future goes away unread.

A future keeps its exception for whoever calls ``result()`` or ``exception()``. When it is collected, or the program
ends, without that, the failure would be lost in silence.
"""

import functools
import weakref
from types import ModuleType
from typing import Any

from crashdesk.sdk import guard
from crashdesk.sdk.hooks.caught import Capture, Caught, is_failure

_ATTRIBUTE = "_crashdesk_unread"
_ASKED = "_crashdesk_asked"
_READERS = ("result", "exception")


class _Unread:
    """Lives in the future's own attributes and dies with it; dying unread is the failure."""

    __slots__ = ("__weakref__", "_error", "_watch")

    def __init__(self, error: BaseException, watch: "FutureHooks") -> None:
        self._error: BaseException | None = error
        self._watch = watch

    def read(self) -> None:
        self._error = None

    def report(self) -> None:
        error, self._error = self._error, None
        if error is not None:
            self._watch.lost(error)

    def __del__(self) -> None:
        with guard.inside("future"):
            self.report()


class FutureHooks:
    """Watches all futures of the process once ``concurrent.futures`` is imported."""

    def __init__(self, capture: Capture) -> None:
        self._capture: Capture | None = capture
        self._unread: weakref.WeakSet[_Unread] = weakref.WeakSet()
        self._originals: list[tuple[Any, str, Any]] = []

    def attach(self, module: ModuleType) -> None:
        """Wrap the methods of ``Future`` in ``concurrent.futures._base``."""
        future = module.Future
        self._wrap(future, "set_exception", self._on_set)
        for name in _READERS:
            self._wrap(future, name, _on_read)

    def detach(self) -> None:
        """Put the methods back, unless somebody has wrapped them since."""
        self._capture = None
        for owner, name, ours in self._originals:
            if ours is owner.__dict__.get(name):
                setattr(owner, name, ours.__wrapped__)
        self._originals.clear()

    def report_rest(self) -> None:
        """At the end of the program: what is still unread will not be read any more."""
        for unread in list(self._unread):
            unread.report()

    def lost(self, error: BaseException) -> None:
        if self._capture is not None and is_failure(error):
            self._capture(Caught(error, "future", "concurrent.futures"))

    def _on_set(self, future: Any, error: Any = None) -> None:
        asked = future.__dict__.get(_ASKED, False)
        if isinstance(error, BaseException) and self._capture is not None and not asked:
            unread = _Unread(error, self)
            future.__dict__[_ATTRIBUTE] = unread
            self._unread.add(unread)

    def _wrap(self, owner: Any, name: str, note: Any) -> None:
        original = getattr(owner, name)

        @functools.wraps(original)
        def method(future: Any, *args: Any, **kwargs: Any) -> Any:
            with guard.inside("future"):
                note(future, *args, **kwargs)
            return original(future, *args, **kwargs)

        setattr(owner, name, method)
        self._originals.append((owner, name, method))


def _on_read(future: Any, *_args: Any, **_kwargs: Any) -> None:
    """Somebody asks: from now on the failure is theirs, also when they are still waiting for it."""
    future.__dict__[_ASKED] = True
    unread = future.__dict__.get(_ATTRIBUTE)
    if unread is not None:
        unread.read()

"""Attach to the host's Qt application when its event loop first runs, and let go when it ends.

The SDK starts before there is an application. An event posted to an object of ours waits in Qt's queue until the loop
runs; its arrival is the moment to attach, in the right thread, without polling and without touching Qt's classes.
"""

import _thread
import threading
from collections.abc import Callable
from types import ModuleType, TracebackType
from typing import Any, Protocol

from crashdesk.sdk import guard
from crashdesk.sdk.imports import ImportWatch
from crashdesk.sdk.qt import binding as bindings
from crashdesk.sdk.qt import names, picture, snapshot
from crashdesk.sdk.qt.binding import Binding
from crashdesk.sdk.qt.messages import MessageHook
from crashdesk.sdk.qt.trail import make_filter

SLOWEST_BEAT_SECONDS = 1.0
FASTEST_BEAT_SECONDS = 0.25
BEATS_A_HANG = 4
"""A hang is noticed by its missing beats, so several must fit into its limit."""


class Listener(Protocol):
    """Who wants to know about the application."""

    def attached(self) -> None:
        """Hear that the event loop runs; static facts about Qt can be asked now."""

    def beat(self) -> None:
        """Hear that the event loop answers, once a second."""

    def loop_ended(self) -> None:
        """Hear that the event loop ends; no more beats."""


class QtPart:
    """All that we do inside a host's Qt."""

    def __init__(self, breadcrumb: Callable[..., dict[str, Any]], listener: Listener, hang_seconds: float) -> None:
        self._breadcrumb = breadcrumb
        self._listener = listener
        self._beat_seconds = _beat_seconds(hang_seconds)
        self._binding: Binding | None = None
        self._messages: MessageHook | None = None
        self._waiter: Any = None
        self._filter: Any = None
        self._timer: Any = None
        self._is_over = False
        self.static_sections: dict[str, dict[str, Any]] = {}

    def watch(self, imports: ImportWatch) -> None:
        """Wait for the host to import a binding."""
        for name in bindings.NAMES:
            imports.when(f"{name}.QtCore", self._core_loaded)

    def sections(self) -> dict[str, dict[str, Any]]:
        """Snapshot sections about Qt: the static ones, and the windows when asked in their thread."""
        if self._binding is None:
            return {}
        live: dict[str, dict[str, Any]] = {}
        with guard.inside("windows"):
            live = snapshot.live_sections(self._binding)
        return {**self.static_sections, **live}

    def picture(self, trace: TracebackType | None) -> bytes | None:
        """Return a picture of the program's window, where it can be drawn now and may be."""
        if self._binding is None or self._filter is None or not picture.may_draw(trace):
            return None
        return picture.of_window(self._binding)

    def detach(self) -> None:
        """Leave the application as if we had never been there."""
        self._is_over = True
        with guard.inside("leaving Qt"):
            self._leave_loop_from_any_thread()
        if self._messages is not None:
            with guard.inside("leaving Qt"):
                self._messages.uninstall()
            self._messages = None

    def _core_loaded(self, module: ModuleType) -> None:
        if self._binding is not None:
            return  # two bindings in one process: the first is watched
        self._binding = bindings.of_core(module)
        self._messages = MessageHook(self._binding, self._breadcrumb)
        self._messages.install()
        self._wait_for_loop()

    def _wait_for_loop(self) -> None:
        binding = self._binding
        if binding is None:
            return
        if binding.application() is None and threading.current_thread() is not threading.main_thread():
            return  # the event would wait in a queue that no loop of an application ever empties
        self._in_loop(binding, self._loop_runs)

    def _in_loop(self, binding: Binding, step: Callable[[], None]) -> None:
        """Let the event loop of the application do `step` when it comes to it."""
        core, application = binding.core, binding.application()
        self._waiter = _make_waiter(binding, step)
        if application is not None:
            self._waiter.moveToThread(application.thread())
        core.QCoreApplication.postEvent(self._waiter, core.QEvent(core.QEvent.Type.User))

    def _loop_runs(self) -> None:
        """Attach; runs inside the event loop of the application's thread."""
        binding = self._binding
        application = binding.application() if binding is not None else None
        if binding is None or application is None or self._timer is not None or self._is_over:
            return
        self.static_sections = snapshot.static_sections(binding)
        self._watch_steps(binding, application)
        application.aboutToQuit.connect(self._about_to_quit)
        self._timer = binding.core.QTimer()
        self._timer.timeout.connect(self._beat)
        self._timer.start(round(self._beat_seconds * 1000))
        self._listener.attached()
        self._beat()

    def _watch_steps(self, binding: Binding, application: Any) -> None:
        if binding.widgets is None or not isinstance(application, binding.widgets.QApplication):
            return
        self._filter = make_filter(binding, self._breadcrumb)
        application.installEventFilter(self._filter)
        for window in binding.widgets.QApplication.topLevelWidgets():
            if window.isVisible() and window.isWindow():
                self._breadcrumb(f"Window {names.spoken(window)} is open", category="ui.window", kind="user")

    def _beat(self) -> None:
        with guard.inside("heartbeat"):
            self._listener.beat()

    def _about_to_quit(self) -> None:
        with guard.inside("the end of the event loop"):
            self._leave_loop()
            if not self._is_over:
                self._wait_for_loop()  # some programs run their loop again

    def _leave_loop_from_any_thread(self) -> None:
        """Timer and filter belong to the window's thread: from another one, ask it to let go when it comes to it."""
        binding = self._binding
        if binding is None or binding.application() is None or binding.is_gui_thread():
            self._leave_loop()
            return
        self._listener.loop_ended()
        self._in_loop(binding, self._leave_loop_when_asked)

    def _leave_loop_when_asked(self) -> None:
        self._leave_loop()
        self._waiter.deleteLater()  # not now: this is called by it

    def _leave_loop(self) -> None:
        self._listener.loop_ended()
        timer, self._timer = self._timer, None
        steps, self._filter = self._filter, None
        if timer is not None:
            timer.stop()
        application = self._binding.application() if self._binding is not None else None
        if steps is not None and application is not None:
            application.removeEventFilter(steps)
        if timer is not None and application is not None:
            application.aboutToQuit.disconnect(self._about_to_quit)


def _beat_seconds(hang_seconds: float) -> float:
    wanted = hang_seconds / BEATS_A_HANG if hang_seconds else SLOWEST_BEAT_SECONDS
    return min(SLOWEST_BEAT_SECONDS, max(FASTEST_BEAT_SECONDS, wanted))


def _make_waiter(binding: Binding, loop_runs: Callable[[], None]) -> Any:
    """Return a QObject that calls `loop_runs` when the event posted to it arrives."""

    class Waiter(binding.core.QObject):  # type: ignore[misc,name-defined] # the base is the host's
        def customEvent(self, _event: Any) -> None:  # noqa: N802 - Qt's name
            try:
                loop_runs()
            except KeyboardInterrupt:
                _thread.interrupt_main()  # not through Qt, but soon
            except BaseException as error:  # noqa: BLE001 - an exception that leaves here ends the program
                guard.note("attaching to Qt", error)

    return Waiter()

"""Wiring, start and end of the agent: with windows where there is Qt and a display, else headless."""

import signal
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import Self

from crashdesk import clock, logs
from crashdesk.agent.display import has_display
from crashdesk.agent.http import HttpSender
from crashdesk.agent.single_instance import acquire
from crashdesk.agent.uploader import Uploader
from crashdesk.outbox.locks import FileLock
from crashdesk.outbox.notices import Notices
from crashdesk.outbox.store import Outbox, State

IDLE_SECONDS = 30.0
LOOK_SECONDS = 0.25
UNSEEN_SECONDS = 2.5  # what is younger came while the windows were going
END_SECONDS = 1.5  # for a delivery under way; what it leaves claimed is sent by the next agent

_log = logs.logger("agent")


def run(
    directory: Path,
    dsn: str | None = None,
    headless: bool = False,
    until_empty: bool = False,
    product: str = "",
    stay: bool = False,
) -> int:
    """Be the agent of `directory` and return the exit status; `dsn` serves reports that name none.

    With `until_empty` it ends when nothing is left to send; else when it has been idle for a while, unless `stay`.
    """
    outbox = Outbox.open(directory)
    wishes = _Wishes(dsn or "", product, until_empty, None if stay else IDLE_SECONDS)
    while (lock := _become_agent(outbox, until_empty=until_empty)) is not None:
        with lock:
            with_windows = not headless and not until_empty and has_windows()
            was_told_to_end = _serve(outbox, wishes, with_windows=with_windows)
        if was_told_to_end or not _is_needed_again(outbox, with_windows=with_windows):
            break
    return 0


@dataclass(frozen=True, slots=True)
class _Wishes:
    """How the agent was started."""

    dsn: str
    product: str
    until_empty: bool
    idle_seconds: float | None


def _serve(outbox: Outbox, wishes: _Wishes, *, with_windows: bool) -> bool:
    """Work until there is nothing to do, and say whether it was told to end before."""
    uploader = Uploader(outbox, HttpSender(), default_dsn=wishes.dsn)
    uploader.recover()
    if with_windows:
        with _Signals() as signals:
            was_told = _run_windows(outbox, uploader, wishes)
        return signals.came or was_told
    part = Headless(outbox, uploader, idle_seconds=wishes.idle_seconds)
    part.run(until_empty=wishes.until_empty)
    return part.was_told_to_end


def _is_needed_again(outbox: Outbox, *, with_windows: bool) -> bool:
    """Look once more after the lock is free: a product that saw it held a moment ago has started no agent."""
    if not with_windows:
        return outbox.next_due_seconds() is not None
    unseen_since = clock.now() - timedelta(seconds=UNSEEN_SECONDS)
    fresh = outbox.reports({State.WAITING, State.READY})
    return Notices(outbox).has("open_feedback") or any(report.created_at > unseen_since for report in fresh)


class _Signals:
    """Whether the process was told to end while Qt had the main thread; the windows set the handlers themselves."""

    def __init__(self) -> None:
        self.came = False
        self._is_listening = False

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self._reader, self._writer = socket.socketpair()
            self._reader.setblocking(False)
            self._writer.setblocking(False)
            self._before = signal.set_wakeup_fd(self._writer.fileno())
            self._is_listening = True
        return self

    def __exit__(self, *_error: object) -> None:
        if not self._is_listening:
            return
        signal.set_wakeup_fd(self._before)
        with suppress(BlockingIOError):
            self.came = bool(set(self._reader.recv(64)) & {signal.SIGTERM, signal.SIGINT})
        self._reader.close()
        self._writer.close()


def has_windows() -> bool:
    """Say whether this machine can show windows: Qt is installed and loads, and there is a screen."""
    if find_spec("PySide6") is None or not has_display():
        return False
    try:
        import crashdesk.agent.ui.app  # noqa: F401 - here, since Qt is optional; its system libraries may be missing
    except ImportError as error:
        _log.warning("No windows, since Qt does not load (%s); reports are sent all the same.", error)
        return False
    return True


def _become_agent(outbox: Outbox, *, until_empty: bool) -> FileLock | None:
    """Take the lock; a second agent asks the first to come forward, or sees to it that the first gets done."""
    lock = acquire(outbox.directory)
    if lock is None and not until_empty:
        Notices(outbox).post("show")
        return None
    while lock is None and outbox.next_due_seconds() is not None:
        clock.sleep(LOOK_SECONDS)
        lock = acquire(outbox.directory)
    return lock


def _run_windows(outbox: Outbox, uploader: Uploader, wishes: _Wishes) -> bool:
    from crashdesk.agent.ui.app import run_ui  # here, since Qt is optional and slow to import

    return run_ui(
        outbox,
        uploader,
        Notices(outbox),
        product=wishes.product,
        directory=outbox.directory,
        idle_seconds=wishes.idle_seconds,
    )


class Headless:
    """The agent without windows: the uploader on its own thread, so that a signal is answered at once."""

    def __init__(self, outbox: Outbox, uploader: Uploader, *, idle_seconds: float | None = IDLE_SECONDS) -> None:
        self._outbox = outbox
        self._uploader = uploader
        self._idle_seconds = idle_seconds
        self._stop = threading.Event()
        self.was_told_to_end = False

    def run(self, *, until_empty: bool = False) -> None:
        """Work until it is told to end, or is done."""
        self._listen_to_signals()
        worker = threading.Thread(
            target=self._uploader.run,
            args=(self._stop,),
            kwargs={"until_empty": until_empty},
            name="crashdesk-uploader",
            daemon=True,
        )
        worker.start()
        self._watch(worker)
        self._stop.set()
        worker.join(END_SECONDS)

    def end(self) -> None:
        """End soon; may be called from anywhere."""
        self.was_told_to_end = True
        self._stop.set()

    def _watch(self, worker: threading.Thread) -> None:
        notices = Notices(self._outbox)
        seen, idle_since = -1, clock.monotonic()
        while worker.is_alive() and not self._stop.wait(LOOK_SECONDS):
            changed = self._outbox.change_counter()
            if changed == seen and self._is_over(idle_since):
                _log.info("Nothing to do for %.0f s: the agent ends.", clock.monotonic() - idle_since)
                return
            if changed != seen and notices.take("quit"):
                self.end()
            if changed != seen or not self._uploader.is_finished():
                idle_since = clock.monotonic()
            seen = changed

    def _is_over(self, idle_since: float) -> bool:
        return self._idle_seconds is not None and clock.monotonic() - idle_since > self._idle_seconds

    def _listen_to_signals(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.end()

"""Windows are tested offscreen by real key events, with a real outbox; what they ask of the background is awaited."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before the first QApplication

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from crashdesk.agent.ui import theme
from crashdesk.agent.ui.background import Background
from crashdesk.agent.ui.crash_window import CrashWindow, Known
from crashdesk.agent.ui.problems import Memory, Problem, plan, read
from crashdesk.clock import FrozenClock
from crashdesk.outbox.store import Outbox
from support import waiting_reports
from support.windows import NOW, shown


@pytest.fixture(autouse=True)
def _dressed(qapp: QApplication) -> Iterator[None]:
    theme.of(qapp)
    yield
    for window in qapp.topLevelWidgets():
        window.blockSignals(True)
        window.close()
        window.deleteLater()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def background(qapp: QApplication) -> Iterator[Background]:
    made = Background()
    yield made
    made.close()
    qapp.processEvents()


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    opened = Outbox.open(tmp_path / "outbox", FrozenClock(NOW))
    yield opened
    opened.close()


@pytest.fixture
def problem() -> Callable[..., Problem]:
    """Build a problem as it is read from waiting reports."""

    def build(kind: str = "python", times: int = 1, *attachments, **own) -> Problem:
        data = waiting_reports.envelope(waiting_reports.event(kind, **own), *attachments).to_bytes()
        waiting = [read(number, "1-00000000000000aa", data) for number in range(times, 0, -1)]
        return plan(waiting, Memory(), "Fieldbook").ask[0]

    return build


@pytest.fixture
def crash_window(qtbot, background, problem) -> Callable[..., CrashWindow]:
    """Open a crash window as the desk does; `known` overrides what it knows besides the problem."""

    def open_window(about: Problem | None = None, **known) -> CrashWindow:
        facts = {"now": NOW, "feedback_id": "f" * 32, **known}
        window = CrashWindow(about or problem(), Known(**facts), background)
        return shown(qtbot, window)

    return open_window

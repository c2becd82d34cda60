"""Does steps of the tour inside Fieldbook, one action a turn of the event loop, as a patient person would."""

import sys
from collections import deque
from collections.abc import Iterable

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

from crashdesk import clock
from crashdesk.demo.fieldbook.steps import STEPS
from crashdesk.demo.hand import Action, find

PAUSE_MILLISECONDS = 40
PATIENCE_SECONDS = 20.0
GAVE_UP = 3


class Driver(QObject):
    """Tells on standard output which step is done; gives up when a widget does not come."""

    def __init__(self, steps: Iterable[str], parent: QObject) -> None:
        super().__init__(parent)
        self._actions: deque[tuple[str, Action | None]] = deque()
        for step in steps:
            self._actions.extend((step, action) for action in STEPS[step])
            self._actions.append((step, None))
        self._waiting_since = clock.monotonic()

    def start(self) -> None:
        """Begin; each turn schedules the next before it acts, since an action may open a nested event loop."""
        self._waiting_since = clock.monotonic()
        self._schedule()

    def _schedule(self) -> None:
        QTimer.singleShot(PAUSE_MILLISECONDS, self._turn)

    def _turn(self) -> None:
        if not self._actions:
            return
        step, action = self._actions.popleft()
        self._schedule()
        if action is None:
            print(f"performed {step}", flush=True)  # noqa: T201 - the tour reads it
        elif not _attempt(action):
            self._actions.appendleft((step, action))
            self._give_up_if_late(step, action)
            return
        self._waiting_since = clock.monotonic()

    def _give_up_if_late(self, step: str, action: Action) -> None:
        if clock.monotonic() - self._waiting_since > PATIENCE_SECONDS:
            self._actions.clear()
            print(f"cannot {step}: {action.target} does not come", file=sys.stderr, flush=True)  # noqa: T201 - as above
            QApplication.exit(GAVE_UP)


def _attempt(action: Action) -> bool:
    widget = find(action.target)
    return widget is not None and action.attempt(widget)

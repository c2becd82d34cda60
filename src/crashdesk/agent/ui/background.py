"""Everything that may block happens on one thread of its own; the answer comes back to the windows' thread.

A window never waits for a disk: it asks here, and is called when the answer is there. What fails is told to
the asker in the words of the error, or logged when the asker left no ear for it.
"""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal
from shiboken6 import isValid

from crashdesk.errors import CrashdeskError
from crashdesk.logs import logger

_log = logger("agent.ui")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Errand:
    work: Callable[[], Any]
    then: Callable[[Any], Any] | None
    otherwise: Callable[[str], Any] | None
    owner: QObject | None

    def finish(self, result: Any) -> None:
        if self.then is not None and self._is_wanted():
            self.then(result)

    def tell(self, text: str) -> None:
        if self.otherwise is None:
            _log.warning("background: %s", text)
        elif self._is_wanted():
            self.otherwise(text)

    def _is_wanted(self) -> bool:
        return self.owner is None or isValid(self.owner)


class Background(QObject):
    """One worker, in order: what is asked first is done first."""

    _came_back = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._worker = ThreadPoolExecutor(1, "crashdesk-background")
        self._waiting = 0
        self._lock = threading.Lock()
        self._came_back.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    @property
    def is_busy(self) -> bool:
        """Whether something asked has not been answered yet."""
        return self._waiting > 0

    def ask(
        self,
        work: Callable[[], T],
        then: Callable[[T], object] | None = None,
        otherwise: Callable[[str], object] | None = None,
        owner: QObject | None = None,
    ) -> None:
        """Do `work` on the worker; call `then` with its result, or `otherwise` with what went wrong, here.

        Nothing is called any more once the window that is the `owner` of the question is gone.
        """
        with self._lock:
            self._waiting += 1
        self._worker.submit(self._do, _Errand(work, then, otherwise, owner))

    def _do(self, errand: _Errand) -> None:
        try:
            told = partial(errand.finish, errand.work())
        except CrashdeskError as error:
            told = partial(errand.tell, str(error))
        except Exception as error:  # noqa: BLE001 - the thread goes on whatever one piece of work meets
            _log.exception("the background thread met an error")
            told = partial(errand.tell, f"{type(error).__name__} in Crashdesk itself; the report is kept.")
        self._came_back.emit(told)

    def _deliver(self, told: Callable[[], Any]) -> None:
        with self._lock:
            self._waiting -= 1
        told()

    def close(self) -> None:
        """Finish what was asked and end the thread; answers that come later are not delivered."""
        self._worker.shutdown(wait=True)

"""The agent with windows: Qt's event loop here, the outbox on the background thread, sending on a thread of its own."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from PySide6.QtWidgets import QApplication

from crashdesk.agent.ui import icons, theme
from crashdesk.agent.ui.background import Background
from crashdesk.agent.ui.desk import Desk
from crashdesk.logs import logger
from crashdesk.outbox.notices import Notices
from crashdesk.outbox.store import Outbox

IDLE_SECONDS = 30.0
"""After so long with nothing to ask, send or show, the agent ends; the next report starts it again."""

STOP_SECONDS = 1.5
"""How long the sending thread may take to leave; what it had claimed comes back when the claim runs out."""

_log = logger("agent.ui")


class SendingLoop(Protocol):
    """The agent's sending loop, as `crashdesk.agent.uploader` has it."""

    trouble: str | None

    def run(self, stop: threading.Event) -> object: ...


def run_ui(
    outbox: Outbox,
    uploader: SendingLoop,
    notices: Notices,
    *,
    product: str,
    directory: Path,
    idle_seconds: float | None = IDLE_SECONDS,
) -> bool:
    """Ask, show and send until there is nothing to do for `idle_seconds` (None: until told to end).

    Returns whether a notice told it to end: then what still waits is for another day.

    A QApplication that stands already is used, so that a test or a demonstration can put its own hand to the windows.
    """
    app = _application()
    background = Background()
    desk = Desk(outbox, notices, background, product, idle_seconds=idle_seconds, trouble=lambda: uploader.trouble)
    desk.finished.connect(app.quit)
    stop = threading.Event()
    sending = threading.Thread(target=uploader.run, args=(stop,), name="crashdesk-uploader", daemon=True)
    sending.start()
    desk.start()
    _log.info("windows are up", extra={"fields": {"directory": str(directory)}})
    with _ending_on_signals(app):
        app.exec()
    desk.close()
    background.close()
    stop.set()
    sending.join(STOP_SECONDS)
    return desk.was_told_to_end


def _application() -> QApplication:
    found = QApplication.instance()
    app = found if isinstance(found, QApplication) else QApplication(["crashdesk-agent"])
    app.setApplicationName("crashdesk-agent")
    app.setQuitOnLastWindowClosed(False)
    app.setWindowIcon(icons.icon("crashdesk", theme.of(app).colours.accent))
    return app


@contextmanager
def _ending_on_signals(app: QApplication) -> Iterator[None]:
    """End in order on SIGTERM and SIGINT; Python sees them at the desk's next look, 250 ms at most."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, lambda *_args: app.quit()) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

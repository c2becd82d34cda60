"""`crashdesk demo`: a server, the sample product, and the way of a crash from one to the other.

With a display the person uses Fieldbook. Without one, and with --exit, Fieldbook and the agent run unseen, are used by
real input events, and the story tells what the server has got of it.
"""

import shutil
import signal
import sys
import tempfile
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from crashdesk import clock, settings
from crashdesk.demo import embedded_server
from crashdesk.demo.embedded_server import EMAIL, Server
from crashdesk.demo.person import accompany
from crashdesk.demo.processes import Stage, closing_agent
from crashdesk.demo.story import tell
from crashdesk.errors import CrashdeskError
from crashdesk.outbox.location import prepare_directory

UNSEEN_NOTEBOOK = "tour-notebook"

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Order:
    """What `crashdesk demo` was asked for."""

    is_ending: bool = False
    keep: Path | None = None
    port: int | None = None


def run(order: Order, say: Say) -> int:
    """Give the tour; return 0 unless a step was not seen on the server."""
    if find_spec("PySide6") is None:
        raise ModuleNotFoundError(name="PySide6")  # the command line knows which extra brings it
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # both ways to end us go the same, orderly way
    port = embedded_server.choose_port(order.port)
    with _directory(order.keep) as directory:
        say("A server is made and started …")
        with embedded_server.running(directory / "server", port) as server:
            _introduce(server, say)
            if has_display() and not order.is_ending:
                return _accompany(server, Stage(directory, server.dsn), say)
            return _tell(server, Stage(directory, server.dsn, UNSEEN_NOTEBOOK), order, say)


def _accompany(server: Server, stage: Stage, say: Say) -> int:
    _open_browser(server.url)
    with suppress(KeyboardInterrupt), closing_agent(stage):
        accompany(server, stage, say)
    return 0


def _tell(server: Server, stage: Stage, order: Order, say: Say) -> int:
    """Tell the story; its steps want a fresh notebook, and a person's own stays untouched."""
    shutil.rmtree(stage.directory / stage.notebook, ignore_errors=True)
    say("Nobody sits here: Fieldbook runs unseen and is used by real input events.\n")
    with closing_agent(stage):
        status = 0 if tell(server, stage, say) else 1
        if not order.is_ending:
            say(f"\nThe server goes on at {server.url}/ until Ctrl-C.")
            with suppress(KeyboardInterrupt):
                _wait_for_end(server)
    return status


def has_display() -> bool:
    """Tell whether a person can see windows here; a CI machine with a display still has no person."""
    if settings.environment("CI"):
        return False
    if sys.platform in {"win32", "darwin"}:
        return True
    return bool(settings.environment("DISPLAY") or settings.environment("WAYLAND_DISPLAY"))


@contextmanager
def _directory(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        yield prepare_directory(keep)
        return
    with tempfile.TemporaryDirectory(prefix="crashdesk-demo-", ignore_cleanup_errors=True) as path:
        yield Path(path)


def _introduce(server: Server, say: Say) -> None:
    say(f"Crashdesk serves {server.url}/")
    say(f"  Sign in as {EMAIL} with the one-time password {server.password}\n")


def _open_browser(url: str) -> None:
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return
    if type(browser) is not webbrowser.GenericBrowser:  # that would be one in the terminal, over our own words
        browser.open(f"{url}/")


def _wait_for_end(server: Server) -> None:
    while server.process.poll() is None:
        clock.sleep(0.5)
    raise CrashdeskError("The server has ended by itself: start the tour again.")

"""The child side of the supervisor: runs one part of the server, and ends it when the supervisor has ended.

The supervisor holds the only writing end of the life pipe, so that its end, however it comes, is an end of file here;
on Linux the kernel sends SIGTERM besides.
"""

import ctypes
import os
import resource
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from crashdesk import clock
from crashdesk.errors import UsageError
from crashdesk.server import heap
from crashdesk.server.installation import PRIVATE_UMASK, Installation

END_WITHIN_SECONDS = 2.5
_SIGNAL_AT_END_OF_PARENT = 1  # PR_SET_PDEATHSIG


@dataclass(frozen=True, slots=True)
class Inherited:
    """What the supervisor hands to a part: the data directory, descriptors by number, and where web listens.

    `is_public` when the web has no collector before it, and answers strangers itself.
    """

    data: Path
    life: int
    ready: int
    listen: int = -1
    work: int = -1
    web_port: int = 0
    is_public: bool = False


def run(name: str, inherited: Inherited) -> int:
    """Run the part `name` until it is told to end; return its exit status."""
    if name not in PARTS:
        raise UsageError(f"There is no part {name}: the server has {', '.join(PARTS)}.")
    os.umask(PRIVATE_UMASK)
    _allow_many_files()
    _end_with_supervisor(inherited.life)
    return PARTS[name](Installation.read(inherited.data), inherited, lambda: _be_ready(name, inherited.ready))


def _run_collector(server: Installation, inherited: Inherited, ready: Callable[[], None]) -> int:
    from crashdesk.server.asgi import serve

    return serve(server, inherited.listen, inherited.work, inherited.web_port, ready)


def _run_processor(server: Installation, inherited: Inherited, ready: Callable[[], None]) -> int:
    from crashdesk.server.boot import start_django

    start_django(server.data)
    from crashdesk.server.processor import worker  # its tables need Django to be ready

    ready()
    return worker.main(server.data, inherited.work)


def _run_web(server: Installation, inherited: Inherited, ready: Callable[[], None]) -> int:
    from crashdesk.server.wsgi import serve

    return serve(server, inherited.listen, ready, is_public=inherited.is_public)


PARTS: dict[str, Callable[[Installation, Inherited, Callable[[], None]], int]] = {
    "collector": _run_collector,
    "processor": _run_processor,
    "web": _run_web,
}


def _allow_many_files() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _be_ready(name: str, descriptor: int) -> None:
    """Tell the supervisor that the part has loaded what it works with."""
    heap.settle()
    os.write(descriptor, f"{name}\n".encode("ascii"))


def _end_with_supervisor(life: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SIGNAL_AT_END_OF_PARENT, signal.SIGTERM)
    threading.Thread(target=_watch, args=(life,), name="life of the supervisor", daemon=True).start()


def _watch(life: int) -> None:
    with suppress(OSError):
        os.read(life, 1)  # nobody writes: this returns when the supervisor is gone
    os.kill(os.getpid(), signal.SIGTERM)
    clock.sleep(END_WITHIN_SECONDS)
    os._exit(1)

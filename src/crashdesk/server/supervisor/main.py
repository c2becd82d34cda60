"""The loop of the supervisor: start the parts, start again who falls, end them all when asked.

The supervisor stays small: it imports no Django and holds no data. A byte on the ready pipe names a part that serves.
"""

import json
import os
import secrets
import selectors
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from crashdesk import clock, logs, settings
from crashdesk.errors import StorageError
from crashdesk.server import heap, installation, proxy_secret, schema, sharing
from crashdesk.server.installation import ROLES, Installation
from crashdesk.server.supervisor import listening
from crashdesk.server.supervisor.child import Child, ChildState, server_command

STOP_WITHIN_SECONDS = 1.5
STATUS_AGAIN_SECONDS = 1.0  # after which notes that could not be written are tried again
COLLECTOR, PROCESSOR, WEB = ROLES
_SERVES = {(COLLECTOR, PROCESSOR): "takes reports on", (COLLECTOR,): "takes reports on", (WEB,): "shows pages on"}

log = logs.logger("supervisor")


@dataclass(frozen=True, slots=True)
class Order:
    """What ``server run`` was asked for: which roles of the server in `data`, and where to listen."""

    data: Path
    host: str
    port: int
    roles: Sequence[str] = ROLES


def run(order: Order, say: Callable[[str], None]) -> int:
    """Serve until SIGTERM or SIGINT; return the exit status.

    Raises CrashdeskError before anything is started when the directory or the port cannot be used.
    """
    data, roles = order.data, [role for role in ROLES if role in order.roles]
    server = Installation.read(data)
    with ExitStack() as stack:
        stack.enter_context(installation.held(data, roles))
        listens = COLLECTOR in roles or WEB in roles
        public = stack.enter_context(listening.listen(order.host, order.port)) if listens else None
        internal = stack.enter_context(listening.loopback()) if {COLLECTOR, WEB} <= set(roles) else None
        if not schema.is_current(server):
            status = subprocess.run(server_command("migrate", "--data", str(data)), check=False).returncode
            if status:
                return status
        sharing.check(server)
        wiring = stack.enter_context(_wiring(public, internal))
        Supervisor(server, roles, wiring, say).run()
    return 0


@dataclass(frozen=True, slots=True)
class Wiring:
    """What the parts inherit: sockets, and pipes that say "I am ready", "there is work", "the supervisor lives".

    Without collector and web nobody listens in public; without either of them the web needs no port of its own.
    """

    public: socket.socket | None
    internal: socket.socket | None
    ready_reading: int
    ready_writing: int
    work_reading: int
    work_writing: int
    life_reading: int


@contextmanager
def _wiring(public: socket.socket | None, internal: socket.socket | None) -> Iterator[Wiring]:
    pipes = [os.pipe() for _ in range(3)]
    try:
        for descriptor in pipes[1]:
            os.set_blocking(descriptor, False)  # a full pipe says "there is work" just as well
        yield Wiring(public, internal, *pipes[0], *pipes[1], pipes[2][0])
    finally:
        for descriptor in (descriptor for pipe in pipes for descriptor in pipe):
            os.close(descriptor)


class Supervisor:
    """A child for each role, and the loop that watches them."""

    def __init__(self, server: Installation, roles: Sequence[str], wiring: Wiring, say: Callable[[str], None]) -> None:
        self._server = server
        self._roles = roles
        self._status = installation.status_file(server.data, roles)
        self._wiring = wiring
        self._say = say
        self._children = self._make_children()
        self._is_stopping = False
        self._was_ready = False
        self._is_status_old = False

    def run(self) -> None:
        """Watch until a signal asks to stop; then end every part."""
        try:
            with _signals() as wakeup, selectors.DefaultSelector() as selector:
                selector.register(wakeup, selectors.EVENT_READ, self._on_signals)
                selector.register(self._wiring.ready_reading, selectors.EVENT_READ, self._on_ready)
                while not self._is_stopping:
                    self._start_due()
                    for key, _ in selector.select(self._next_look_in_seconds()):
                        key.data(key.fd)
        finally:
            self._stop()

    def _on_signals(self, descriptor: int) -> None:
        numbers = set(os.read(descriptor, 4096))
        self._is_stopping = bool(numbers & {signal.SIGTERM, signal.SIGINT, signal.SIGHUP})
        ended = [child for child in self._children if not self._is_stopping and child.note_end()]
        if ended:
            self._write_status()

    def _on_ready(self, descriptor: int) -> None:
        for name in os.read(descriptor, 4096).decode("ascii").split():
            for child in self._children:
                if child.name == name and child.state is ChildState.STARTING:
                    child.state = ChildState.READY
                    log.info("the %s is ready", name)
        self._write_status()
        if not self._was_ready and all(child.state is ChildState.READY for child in self._children):
            self._was_ready = True
            self._say(f"{self._what_it_does()}  (stop it with Ctrl-C)")

    def _what_it_does(self) -> str:
        if self._wiring.public is None:
            return "Crashdesk processes reports"
        address = listening.address_of(self._wiring.public)
        return f"Crashdesk {_SERVES.get(tuple(self._roles), 'serves')} {address}"

    def _start_due(self) -> None:
        due = [child for child in self._children if child.due_in_seconds() == 0.0]
        for child in due:
            child.start()
        if due or self._is_status_old:
            self._write_status()

    def _next_look_in_seconds(self) -> float | None:
        waits = [wait for child in self._children if (wait := child.due_in_seconds()) is not None]
        return min([*waits, *([STATUS_AGAIN_SECONDS] if self._is_status_old else [])], default=None)

    def _stop(self) -> None:
        log.info("stopping")
        deadline = clock.monotonic() + STOP_WITHIN_SECONDS
        for child in self._children:
            child.stop()
        for child in self._children:
            child.await_end(deadline)
        with suppress(FileNotFoundError):
            self._status.unlink()

    def _write_status(self) -> None:
        """Leave for health checks and people which parts run."""
        status = {
            child.name: {
                "state": child.state.value,
                "pid": child.process.pid if child.process else None,
                "restarts": child.restarts,
            }
            for child in self._children
        }
        try:
            installation.replace_file(self._status, json.dumps(status).encode())
        except StorageError as error:  # a full disk must not end the server: it heals when space returns
            if not self._is_status_old:
                log.warning("health checks see old facts: %s", error)
            self._is_status_old = True
        else:
            self._is_status_old = False

    def _make_children(self) -> list[Child]:
        wires = self._wiring
        inherited = {
            COLLECTOR: {"--listen": _number(wires.public), "--work": wires.work_writing},
            PROCESSOR: {"--work": wires.work_reading},
            WEB: {"--listen": _number(wires.internal or wires.public)},
        }
        facts = {
            COLLECTOR: ["--web-port", str(wires.internal.getsockname()[1] if wires.internal else 0)],
            WEB: [] if wires.internal else ["--public"],
        }
        environment = settings.child_environment({proxy_secret.VARIABLE: secrets.token_hex(32), **heap.ENVIRONMENT})
        return [self._child(name, inherited[name], facts.get(name, []), environment) for name in self._roles]

    def _child(self, name: str, inherited: dict[str, int], facts: list[str], environment: dict[str, str]) -> Child:
        """Describe a part: what it inherits is named in its options by number."""
        descriptors = {**inherited, "--life": self._wiring.life_reading, "--ready": self._wiring.ready_writing}
        wired = [text for option, number in descriptors.items() for text in (option, str(number))]
        command = server_command("part", name, "--data", str(self._server.data), *facts, *wired)
        return Child(name, command, tuple(descriptors.values()), environment)


def _number(listener: socket.socket | None) -> int:
    return -1 if listener is None else listener.fileno()


@contextmanager
def _signals() -> Iterator[int]:
    """Turn the signals that concern us into bytes on a pipe for the time of the block."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    os.set_blocking(writing, False)
    previous_wakeup = signal.set_wakeup_fd(writing)
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)
    previous = {number: signal.signal(number, _note_only) for number in numbers}
    try:
        yield reading
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(previous_wakeup)
        os.close(reading)
        os.close(writing)


def _note_only(_number: int, _frame: object) -> None:
    """Do nothing: the wake-up descriptor has it."""

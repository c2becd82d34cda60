"""A TCP relay before a server: lets a test act at an exact moment of one request, such as in the midst of its body."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import Enum, auto


class Moment(Enum):
    """When something is to happen in the life of the next request."""

    BEFORE = auto()  # the first bytes have come and nothing was passed on
    DURING = auto()  # half of what came first was passed on
    UNANSWERED = auto()  # the server has answered, the client has not heard it
    ANSWERED = auto()  # the client has the first bytes of the answer


class Relay:
    """Passes bytes both ways; what is armed for a moment is done once, when that moment comes."""

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._armed: dict[Moment, Callable[[], object]] = {}
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def arm(self, moment: Moment, action: Callable[[], object]) -> None:
        """Do `action` at that moment of the next request."""
        with self._lock:
            self._armed[moment] = action

    def is_armed(self) -> bool:
        return bool(self._armed)

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError), socket.create_connection(("127.0.0.1", self._target_port)) as server:
            back = threading.Thread(target=self._pump, args=(server, client, self._pass_answer), daemon=True)
            back.start()
            self._pump(client, server, self._pass_request)
            back.join()

    def _pump(
        self, source: socket.socket, sink: socket.socket, pass_on: Callable[[socket.socket, bytes], None]
    ) -> None:
        with suppress(OSError):
            while chunk := source.recv(65536):
                pass_on(sink, chunk)
        with suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    def _pass_request(self, server: socket.socket, chunk: bytes) -> None:
        self._fire(Moment.BEFORE)
        half = len(chunk) // 2
        server.sendall(chunk[:half])
        self._fire(Moment.DURING)
        server.sendall(chunk[half:])

    def _pass_answer(self, client: socket.socket, chunk: bytes) -> None:
        self._fire(Moment.UNANSWERED)
        client.sendall(chunk)
        self._fire(Moment.ANSWERED)

    def _fire(self, moment: Moment) -> None:
        with self._lock:
            action = self._armed.pop(moment, None)
        if action:
            action()


@contextmanager
def relay_to(port: int) -> Iterator[Relay]:
    """Yield a relay before the server on `port`."""
    relay = Relay(port)
    try:
        yield relay
    finally:
        relay.close()

"""Sends reports as fast as they are answered, over a number of connections, from one cheap process."""

import select
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

ANSWER_SECONDS = 60.0


@dataclass(slots=True)
class Load:
    """What came of it: how long each answer took, how the answers began, and how long all of it took, in seconds."""

    latencies: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    seconds: float = 0.0

    @property
    def accepted(self) -> int:
        return self.statuses[200]

    def percentile(self, share: float) -> float:
        """Return the latency that this share of all answers kept, in seconds."""
        return percentile(self.latencies, share)


def percentile(values: Iterable[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def request(path: str, body: bytes, headers: dict[str, str]) -> bytes:
    """Return a POST as it goes over the wire."""
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {text}" for name, text in headers.items())]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body


def closed_loop(port: int, requests: Iterable[bytes], connections: int = 8) -> Load:
    """Send the next request on each connection as soon as the last one on it is answered."""
    load, waiting = Load(), iter(requests)
    poll = select.epoll()
    lines = {line.fileno(): line for line in (_Line(port) for _ in range(connections))}
    started = time.perf_counter()
    busy = sum(line.send(waiting, poll) for line in list(lines.values()))
    while busy:
        events = poll.poll(ANSWER_SECONDS)
        if not events:
            raise TimeoutError(f"No answer within {ANSWER_SECONDS} seconds.")
        for descriptor, _ in events:
            line = lines[descriptor]
            if not line.has_answer():
                continue
            load.latencies.append(time.perf_counter() - line.sent_at)
            load.statuses[line.status] += 1
            if line.must_close:
                poll.unregister(descriptor)
                del lines[descriptor]
                line.reconnect()
                lines[line.fileno()] = line
            busy -= not line.send(waiting, poll)
    load.seconds = time.perf_counter() - started
    for line in lines.values():
        line.close()
    poll.close()
    return load


def open_loop(times: Iterable[float], act: Callable[[], float]) -> Iterator[float]:
    """Call `act` at each of these times (seconds from now); yield its moment less the time that was planned."""
    begun = time.perf_counter()
    for planned in times:
        time.sleep(max(0.0, begun + planned - time.perf_counter()))
        yield act() - (begun + planned)


class _Line:
    """One connection."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._is_watched = False
        self.sent_at = 0.0
        self.status = 0
        self.must_close = False
        self.reconnect()

    def reconnect(self) -> None:
        if self._is_watched:
            self._socket.close()
        self._socket = socket.create_connection(("127.0.0.1", self._port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._is_watched = False
        self._answer = b""

    def fileno(self) -> int:
        return self._socket.fileno()

    def close(self) -> None:
        self._socket.close()

    def send(self, waiting: Iterator[bytes], poll: select.epoll) -> bool:
        """Send the next request; return whether there was one."""
        body = next(waiting, None)
        if body is None:
            return False
        if not self._is_watched:
            poll.register(self.fileno(), select.EPOLLIN)
            self._is_watched = True
        self._answer = b""
        self.sent_at = time.perf_counter()
        self._socket.sendall(body)
        return True

    def has_answer(self) -> bool:
        """Read what came; return whether the answer is complete."""
        part = self._socket.recv(65_536)
        if not part:
            raise ConnectionError("The server closed the connection without an answer.")
        self._answer += part
        head, end, body = self._answer.partition(b"\r\n\r\n")
        if not end:
            return False
        fields = head.lower()
        self.status = int(head[9:12])
        self.must_close = b"connection: close" in fields
        length = int(fields.partition(b"content-length:")[2].split(b"\r\n", 1)[0] or 0)
        return len(body) >= length

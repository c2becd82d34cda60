"""HTTP in front of the collector: limits on connections and headers, and a short way for small reports.

A report that is small and complete needs no task, no scope and no messages of ASGI: it is answered from the parser's
last callback, or when its commit is done, in one write. Everything else takes ASGI's way.
"""

import asyncio
import itertools
import socket
from collections.abc import Callable, Iterable
from functools import partial
from operator import attrgetter
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from crashdesk import logs
from crashdesk.server.collector.answers import FAILED, Answer, Headers
from crashdesk.server.collector.body import SMALL_BYTES
from crashdesk.server.collector.limits import limit
from crashdesk.server.collector.requests import Request

MAX_HEADER_BYTES = 64 * 1024
KEEP_ALIVE_SECONDS = 60
KEEP_EVERY_TICKS = 50  # of a tenth of a second

_turns = itertools.count()
log = logs.logger("collector")


class Program(uvicorn.Server):
    """Uvicorn, which says when it is ready and calls `now_and_then` every few seconds."""

    def __init__(
        self, config: uvicorn.Config, ready: Callable[[], None], now_and_then: Callable[[], None] = lambda: None
    ) -> None:
        super().__init__(config)
        self._ready = ready
        self._now_and_then = now_and_then

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    async def on_tick(self, counter: int) -> bool:
        if counter % KEEP_EVERY_TICKS == KEEP_EVERY_TICKS - 1:
            self._now_and_then()
        return await super().on_tick(counter)


class _Exchange:
    """A report on the short way, in the place of uvicorn's cycle of request and response: what uvicorn asks of it."""

    def __init__(self, *, keep_alive: bool) -> None:
        self.keep_alive = keep_alive
        self.response_complete = False
        self.disconnected = False
        self.message_event = _NOBODY_WAITS


class _NobodyWaits:
    def set(self) -> None:
        """Do nothing: there is no task that waits."""


_NOBODY_WAITS = _NobodyWaits()


class Watch:
    """One timer of a connection: what is to be done unless the next step comes in time.

    A step costs no timer of its own: the one that runs looks, when it ends, whether its time has been moved.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._timer: asyncio.TimerHandle | None = None
        self._due: float | None = None
        self._act: Callable[[], None] = lambda: None

    def expect_within(self, seconds: float, act: Callable[[], None]) -> None:
        """Call `act` after `seconds`, unless something else is expected or nothing any more."""
        self._due, self._act = self._loop.time() + seconds, act
        if self._timer is None or self._timer.when() > self._due:
            self.stop_timer()
            self._timer = self._loop.call_at(self._due, self._look)

    def nothing(self) -> None:
        self._due = None

    def stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        self._timer = None
        if self._due is None:
            return
        if self._loop.time() < self._due:
            self._timer = self._loop.call_at(self._due, self._look)
            return
        self._due = None
        self._act()


class GuardedProtocol(HttpToolsProtocol):
    """HTTP with limits on the number of connections, and on size and time of the headers of each request.

    What belongs to no body counts as headers: also endless trailers and endless chunk extensions are cut off.
    """

    _watch: Watch
    _awaits_headers = False
    _is_behind_headers = False
    _has_moved_on = False
    _header_bytes = 0  # since the last part of a body
    _sum_of_headers = 0
    _request: Request | None = None  # on the short way while its body comes
    _pieces: list[bytes]
    _size = 0
    stuck_since: int | None = None  # the turn at which it became idle, or began to owe us a request

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn itself
        super().connection_made(transport)
        self._watch = Watch(self.loop)
        self._takes_reports = hasattr(self.app, "quick")
        if len(self.connections) > limit("connections") and not _close_longest_stuck(self.connections):
            transport.abort()
        else:
            self._await_headers()

    def connection_lost(self, exc: Exception | None) -> None:
        self._watch.stop_timer()
        self._request = None
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        is_between_requests = self.cycle is not None and self.cycle.response_complete and self._request is None
        if is_between_requests and not self._awaits_headers:
            self._await_headers()
        self._has_moved_on = False
        super().data_received(data)
        self._header_bytes = 0 if self._has_moved_on else self._header_bytes + len(data)
        if self._header_bytes > MAX_HEADER_BYTES and not self.transport.is_closing():
            self.send_400_response("The headers of this request are larger than allowed.")

    def on_message_begin(self) -> None:
        self._is_behind_headers = False
        self._sum_of_headers = 0
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        self._sum_of_headers += len(name) + len(value)
        if self._sum_of_headers > MAX_HEADER_BYTES:
            raise ValueError("headers too large")  # the parser turns it into a broken request: 400
        if not self._is_behind_headers:  # else it is a trailer, which nobody reads
            name = name.lower()
            if name == b"expect" and value.lower() == b"100-continue":
                self.expect_100_continue = True
            self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        self._is_behind_headers = True
        self._awaits_headers = False
        self._watch.nothing()
        self._request = self._small_report()
        if self._request is None:
            super().on_headers_complete()
        else:
            self._pieces, self._size = [], 0
            self._watch.expect_within(limit("header_seconds"), self._go_the_long_way)

    def on_body(self, body: bytes) -> None:
        self._has_moved_on = True
        if self._request is None:
            super().on_body(body)
            return
        self._pieces.append(body)
        self._size += len(body)
        if self._size > SMALL_BYTES:
            self._go_the_long_way()

    def on_message_complete(self) -> None:
        self._has_moved_on = True
        self.stuck_since = None
        if self._request is None:
            super().on_message_complete()
        else:
            self._take(self._request)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.cycle is not None and self.cycle.response_complete:  # else a request sent ahead is at work now
            self.stuck_since = next(_turns)

    def _small_report(self) -> Request | None:
        """Return the request for a report that may go the short way, as far as its headers tell."""
        is_free = self.cycle is None or self.cycle.response_complete
        if not self._takes_reports or not is_free or self.flow.write_paused or self.expect_100_continue:
            return None
        if self.parser.get_method() != b"POST" or self.parser.should_upgrade() or b"%" in self.url or b"#" in self.url:
            return None
        request: Request | None = self.app.small_report(self.url, dict(self.headers), self.client, self.scheme)
        return request

    def _go_the_long_way(self) -> None:
        """Begin with ASGI after all: the body is larger or slower than it seemed."""
        self._request = None
        self._watch.nothing()
        super().on_headers_complete()
        for piece in self._pieces:
            super().on_body(piece)
        self._pieces = []

    def _take(self, request: Request) -> None:
        """Hand the report that is complete to the collector."""
        pieces, before = self._pieces, self.cycle
        self._request, self._pieces = None, []
        self._watch.nothing()
        keep_alive = self.parser.get_http_version() != "1.0" and self.parser.should_keep_alive()
        exchange = _Exchange(keep_alive=keep_alive)
        self.cycle = exchange  # type: ignore[assignment]  # has what uvicorn asks of it
        try:
            body = pieces[0] if len(pieces) == 1 else b"".join(pieces)
            is_taken = self.app.quick(request, body, partial(self._give, exchange))
        except Exception:
            log.exception("a report could not be taken")
            self._give(exchange, FAILED)
            return
        if not is_taken:
            self.cycle, self._pieces = before, pieces
            self._go_the_long_way()
            super().on_message_complete()

    def _give(self, exchange: _Exchange, answer: Answer) -> None:
        """Write an answer, and go on with what came behind its request."""
        if exchange.disconnected or self.transport.is_closing():
            return
        if not exchange.keep_alive:
            answer = answer.closing()
        self.transport.write(_written(answer, self.server_state.default_headers))
        exchange.response_complete = True
        if answer.is_last:
            self.transport.close()
        elif self.pipeline:
            self.on_response_complete()
        else:
            self.server_state.total_requests += 1
            self.stuck_since = next(_turns)
            self._watch.expect_within(KEEP_ALIVE_SECONDS, self.timeout_keep_alive_handler)

    def _await_headers(self) -> None:
        self._header_bytes = 0
        self._awaits_headers = True
        self.stuck_since = next(_turns)
        self._watch.expect_within(limit("header_seconds"), self.transport.abort)


def _written(answer: Answer, more: Headers) -> bytes:
    lines = [STATUS_LINE[answer.status]]
    for name, value in more:
        lines += (name, b": ", value, b"\r\n")
    for name, value in answer.headers:
        lines += (name, b": ", value, b"\r\n")
    lines += (b"\r\n", answer.body)
    return b"".join(lines)


def _close_longest_stuck(connections: Iterable[Any]) -> bool:
    """Make room for a new connection at the cost of the one that owes us its request for the longest time."""
    stuck = [connection for connection in connections if connection.stuck_since is not None]
    if not stuck:
        return False
    min(stuck, key=attrgetter("stuck_since")).transport.abort()
    return True


def configured(application: Any) -> uvicorn.Config:
    """Return how `application` is served."""
    return uvicorn.Config(
        application,
        http=GuardedProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="error",  # what strangers send is no news
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=1,
    )

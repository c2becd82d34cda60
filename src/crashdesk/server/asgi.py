"""The collector process: its ASGI callable on the socket that the supervisor bound, behind limits on connections."""

import asyncio
import itertools
import os
import socket
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from operator import attrgetter
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from crashdesk import logs, settings
from crashdesk.server import proxy_secret
from crashdesk.server.collector.app import Collector, Surroundings
from crashdesk.server.collector.limits import limit
from crashdesk.server.collector.proxy import WebProxy
from crashdesk.server.installation import Installation
from crashdesk.server.receiving import receiving

MAX_HEADER_BYTES = 64 * 1024
KEEP_ALIVE_SECONDS = 60

_turns = itertools.count()
log = logs.logger("collector")


def serve(server: Installation, listen: int, work: int, web_port: int, ready: Callable[[], None]) -> int:
    """Answer on the inherited socket until SIGTERM."""
    threading.excepthook = _end_with_thread
    with receiving(server, lambda: _wake(work)) as found:
        collector = Collector(
            Surroundings(
                data=server.data,
                find_key=found.keys.find,
                committer=found.committer,
                web=WebProxy(web_port, proxy_secret.read()),
                has_quotas=settings.value("quotas"),
                trusts_forwarded=settings.value("trust_forwarded"),
            )
        )
        Program(_config(collector), ready).run(sockets=[socket.socket(fileno=listen)])
    return 0


class Program(uvicorn.Server):
    """Uvicorn, which says when it is ready."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()


class GuardedProtocol(HttpToolsProtocol):
    """HTTP with limits on the number of connections, and on size and time of the headers of each request.

    What belongs to no body counts as headers: also endless trailers and endless chunk extensions are cut off.
    """

    _deadline: asyncio.TimerHandle | None = None
    _is_behind_headers = False
    _has_moved_on = False
    _header_bytes = 0  # since the last part of a body
    _sum_of_headers = 0
    stuck_since: int | None = None  # the turn at which it became idle, or began to owe us a request

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn itself
        super().connection_made(transport)
        if len(self.connections) > limit("connections") and not _close_longest_stuck(self.connections):
            transport.abort()
        else:
            self._await_headers()

    def connection_lost(self, exc: Exception | None) -> None:
        self._headers_came()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._deadline is None and self.cycle is not None and self.cycle.response_complete:
            self._await_headers()  # of the next request on this connection
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
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._is_behind_headers = True
        self._headers_came()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._has_moved_on = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._has_moved_on = True
        self.stuck_since = None
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.cycle is not None and self.cycle.response_complete:  # else a request sent ahead is at work now
            self.stuck_since = next(_turns)

    def _await_headers(self) -> None:
        self._header_bytes = 0
        self.stuck_since = next(_turns)
        self._deadline = self.loop.call_later(limit("header_seconds"), self.transport.abort)

    def _headers_came(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def _close_longest_stuck(connections: Iterable[Any]) -> bool:
    """Make room for a new connection at the cost of the one that owes us its request for the longest time."""
    stuck = [connection for connection in connections if connection.stuck_since is not None]
    if not stuck:
        return False
    min(stuck, key=attrgetter("stuck_since")).transport.abort()
    return True


def _config(application: Any) -> uvicorn.Config:
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


def _wake(work: int) -> None:
    """Tell the processor that there is work; a full pipe has told it already."""
    with suppress(BlockingIOError):
        os.write(work, b".")


def _end_with_thread(failure: threading.ExceptHookArgs) -> None:
    """End the process when a thread of it fails: without commits it would take reports and never answer.

    The supervisor starts it again, and who waited for an answer sends again.
    """
    log.critical("a thread of the collector failed", exc_info=failure.exc_value)
    os._exit(1)

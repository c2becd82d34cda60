"""Hands every request that is no report to the web process, complete, over loopback, on a connection of its own.

The web process listens on a socket that outlives it: while it is being started again, requests wait there.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import Any, Protocol

import h11

from crashdesk import logs
from crashdesk.server import proxy_secret
from crashdesk.server.collector.forwarded import Sender

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 60.0
CHUNK_BYTES = 64 * 1024

_OF_ONE_HOP = frozenset(
    {b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization", b"proxy-connection", b"te",
     b"trailer", b"transfer-encoding", b"upgrade", b"expect"}
)  # fmt: skip
_OURS = frozenset(
    {
        proxy_secret.HEADER,
        b"content-length",
        b"x-forwarded-for",
        b"x-forwarded-proto",
        b"x-forwarded-host",
        b"forwarded",
    }
)
_BROKEN = (
    b"<!doctype html><html lang=en><meta charset=utf-8><title>A broken request</title>"
    b"<h1>This request is no proper HTTP/1.1</h1><p>Each request names one host.</p></html>"
)
_ELSEWHERE = b'{"detail":"This address takes reports only: pages and API are served by another part of this server."}'
_AWAY = (
    b"<!doctype html><html lang=en><meta charset=utf-8><title>Crashdesk is starting</title>"
    b"<h1>The pages are not there yet</h1><p>Reports are accepted all the time; the pages are being started. "
    b"Load this page again in a few seconds.</p></html>"
)

log = logs.logger("collector")

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Passed = tuple[int, Iterable[bytes]]  # a body: how many bytes, and they themselves in chunks


class Pages(Protocol):
    """Who answers requests that are no reports."""

    async def forward(self, scope: Scope, body: Passed, send: Send, sender: Sender) -> None:
        """Answer one request."""


class NoPages:
    """Answers where the pages run on another machine."""

    async def forward(self, scope: Scope, body: Passed, send: Send, sender: Sender) -> None:
        del scope, body, sender
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(_ELSEWHERE)).encode())]
        await send({"type": "http.response.start", "status": 404, "headers": headers})
        await send({"type": "http.response.body", "body": _ELSEWHERE})


class WebProxy:
    """The way to the web process of this start."""

    def __init__(self, port: int, secret: str) -> None:
        self._port = port
        self._secret = secret

    async def forward(self, scope: Scope, body: Passed, send: Send, sender: Sender) -> None:
        """Pass the request on and its answer back; without an answer say that the pages are being started."""
        try:
            request = self._request(scope, body[0], sender)
        except h11.LocalProtocolError:  # no host or two of them, an old HTTP, and the like
            await _answer(send, 400, _BROKEN, [])
            return
        exchange = _Exchange(send)
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
            try:
                await exchange.run(reader, writer, request, body[1])
            finally:
                writer.close()
        except (OSError, TimeoutError, h11.ProtocolError) as error:
            log.warning("the web process does not answer (%s)", type(error).__name__)
            await exchange.give_up()

    def _request(self, scope: Scope, size: int, sender: Sender) -> h11.Request:
        left_out = _OF_ONE_HOP | _OURS | ({b"host"} if sender.host else set())
        headers = [(name, text.strip(b" \t")) for name, text in scope["headers"] if name not in left_out]
        target = scope["raw_path"] + (b"?" + scope["query_string"] if scope["query_string"] else b"")
        headers += [
            *([(b"host", sender.host)] if sender.host else []),
            *([(b"content-length", str(size).encode())] if size else []),
            (b"connection", b"close"),
            (b"x-forwarded-for", sender.address.encode("latin-1")),
            (b"x-forwarded-proto", sender.scheme.encode("latin-1")),
            (proxy_secret.HEADER, self._secret.encode("ascii")),
        ]
        return h11.Request(method=scope["method"], target=target, headers=headers)


class _Exchange:
    """One request and its answer between the sender and the web process."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._has_begun = False
        self._web = h11.Connection(h11.CLIENT)

    async def run(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: h11.Request, chunks: Iterable[bytes]
    ) -> None:
        await self._pass_on(writer, request, chunks)
        while True:
            event = self._web.next_event()
            if event is h11.NEED_DATA:
                async with asyncio.timeout(ANSWER_SECONDS):
                    self._web.receive_data(await reader.read(CHUNK_BYTES))
            elif isinstance(event, h11.Response):
                await self._begin(event)
            elif isinstance(event, h11.Data):
                async with asyncio.timeout(ANSWER_SECONDS):  # for a reader who does not read
                    await self._send({"type": "http.response.body", "body": bytes(event.data), "more_body": True})
            elif isinstance(event, h11.EndOfMessage):
                await self._send({"type": "http.response.body", "body": b""})
                return
            elif isinstance(event, h11.ConnectionClosed):
                raise ConnectionResetError

    async def give_up(self) -> None:
        """Answer in the web process's place; an answer that has begun is cut off instead."""
        if self._has_begun:
            raise ConnectionResetError
        await _answer(self._send, 503, _AWAY, [(b"retry-after", b"5")])

    async def _pass_on(self, writer: asyncio.StreamWriter, request: h11.Request, chunks: Iterable[bytes]) -> None:
        with suppress(ConnectionError):  # then its answer says why
            writer.write(self._web.send(request) or b"")
            for chunk in chunks:
                writer.write(self._web.send(h11.Data(data=chunk)) or b"")
                async with asyncio.timeout(ANSWER_SECONDS):
                    await writer.drain()
            writer.write(self._web.send(h11.EndOfMessage()) or b"")

    async def _begin(self, response: h11.Response) -> None:
        headers = [(name, text) for name, text in response.headers if name not in _OF_ONE_HOP | {b"date"}]
        self._has_begun = True
        await self._send({"type": "http.response.start", "status": response.status_code, "headers": headers})


async def _answer(send: Send, status: int, page: bytes, more: list[tuple[bytes, bytes]]) -> None:
    """Answer with a page of our own."""
    headers = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-length", str(len(page)).encode()),
        (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'"),
        (b"x-content-type-options", b"nosniff"),
        (b"cache-control", b"no-store"),
        (b"connection", b"close"),
        *more,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": page})

"""Reads a request's body within limits of size, time and memory, whatever length the sender announces."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Self

from crashdesk.server.collector.authentication import Refused
from crashdesk.server.collector.limits import limit

SMALL_BYTES = 64 * 1024

Receive = Callable[[], Awaitable[dict[str, Any]]]


class SenderLeft(Exception):  # noqa: N818 - nobody is there to be told
    """The sender closed the connection before its body was complete."""


class Memory:
    """How many bytes of large bodies are held at the moment, all requests together.

    Who finds it full waits until some is given back. One body at a time may go beyond the bound: so that bodies which
    have filled it together, each to a part, come to their ends one after the other.
    """

    def __init__(self) -> None:
        self.held_bytes = 0
        self._beyond: Body | None = None
        self._given_back = asyncio.Event()

    async def hold(self, size: int, body: "Body") -> None:
        """Count `size` more bytes, as soon as there is room for them or it is the turn of `body` to go beyond."""
        while not self._has_room(size) and self._beyond not in (None, body):
            await self._given_back.wait()
        if not self._has_room(size):
            self._beyond = body
        self.held_bytes += size

    def is_beyond(self, body: "Body") -> bool:
        return self._beyond is body

    def release(self, size: int, body: "Body") -> None:
        self.held_bytes -= size
        if self._beyond is body:
            self._beyond = None
        self._given_back.set()
        self._given_back = asyncio.Event()

    def _has_room(self, size: int) -> bool:
        return self.held_bytes + size <= limit("bodies_in_memory_bytes")


class Body:
    """One request's body; a context, so that its memory is given back whatever happens.

    Its first SMALL_BYTES are not counted: small reports never wait for large ones.
    """

    def __init__(
        self, receive: Receive, announced: bytes | None, memory: Memory, most_bytes: float | None = None
    ) -> None:
        """`announced` is the length that the sender names; `most_bytes` the cap, unless it is a report's."""
        self._receive = receive
        self._announced = int(announced) if announced and announced.isdigit() else 0
        self._memory = memory
        self._most = limit("body_bytes") if most_bytes is None else most_bytes
        self._size = 0
        self._held = 0
        self._is_waiting = False
        self.is_complete = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._give_back()

    def _give_back(self) -> None:
        self._memory.release(self._held, self)
        self._held = 0

    async def read(self) -> bytes:
        """Return the whole body; raises Refused at a limit, SenderLeft."""
        if self._announced > self._most:
            raise Refused(413, "body_too_large")
        try:
            async with asyncio.timeout(limit("body_seconds")) as deadline:
                return b"".join([chunk async for chunk in self._chunks(deadline)])
        except TimeoutError as error:
            if self._is_waiting or self._memory.is_beyond(self):
                raise Refused(503, "busy", 5) from error
            raise Refused(408, "body_too_slow") from error

    async def drain(self) -> None:
        """Read on for a while without keeping anything, so that a sender who is still writing hears the answer."""
        self._give_back()
        rest = limit("drained_bytes")
        try:
            async with asyncio.timeout(limit("drained_seconds")):
                while not self.is_complete and rest > 0:
                    rest -= len(await self._next())
        except (TimeoutError, SenderLeft):
            return

    async def _chunks(self, deadline: asyncio.Timeout) -> AsyncIterator[bytes]:
        while not self.is_complete:
            chunk = await self._next()
            self._size += len(chunk)
            if self._size > self._most:
                raise Refused(413, "body_too_large")
            if self._size > SMALL_BYTES:
                await self._hold(len(chunk), deadline)
            yield chunk

    async def _hold(self, size: int, deadline: asyncio.Timeout) -> None:
        was_beyond = self._memory.is_beyond(self)
        self._is_waiting = True
        await self._memory.hold(size, self)
        self._is_waiting = False
        self._held += size
        if self._memory.is_beyond(self) and not was_beyond:  # others wait for its end
            ends_at = asyncio.get_running_loop().time() + limit("beyond_seconds")
            deadline.reschedule(min(ends_at, deadline.when() or ends_at))

    async def _next(self) -> bytes:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise SenderLeft
        self.is_complete = not message.get("more_body", False)
        chunk: bytes = message.get("body", b"")
        return chunk

"""Reads a request's body within limits of size, time and memory, whatever length the sender announces."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Self

from crashdesk.server.collector.authentication import Refused
from crashdesk.server.collector.limits import limit

Receive = Callable[[], Awaitable[dict[str, Any]]]


class SenderLeft(Exception):  # noqa: N818 - nobody is there to be told
    """The sender closed the connection before its body was complete."""


class Memory:
    """How many bytes of bodies are held at the moment, all requests together."""

    def __init__(self) -> None:
        self.held_bytes = 0

    def hold(self, size: int) -> None:
        """Count `size` more bytes; raises Refused when that is too much at one time."""
        if self.held_bytes + size > limit("bodies_in_memory_bytes"):
            raise Refused(503, "busy", 5)
        self.held_bytes += size

    def release(self, size: int) -> None:
        self.held_bytes -= size


class Body:
    """One request's body; a context, so that its memory is given back whatever happens."""

    def __init__(self, receive: Receive, announced: bytes | None, memory: Memory) -> None:
        self._receive = receive
        self._announced = int(announced) if announced and announced.isdigit() else 0
        self._memory = memory
        self._held = 0
        self.is_complete = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._memory.release(self._held)

    async def read(self) -> bytes:
        """Return the whole body; raises Refused at a limit, SenderLeft."""
        if self._announced > limit("body_bytes"):
            raise Refused(413, "body_too_large")
        try:
            async with asyncio.timeout(limit("body_seconds")):
                return b"".join([chunk async for chunk in self._chunks()])
        except TimeoutError as error:
            raise Refused(408, "body_too_slow") from error

    async def drain(self) -> None:
        """Read on for a while without keeping anything, so that a sender who is still writing hears the answer."""
        rest = limit("drained_bytes")
        try:
            async with asyncio.timeout(limit("drained_seconds")):
                while not self.is_complete and rest > 0:
                    rest -= len(await self._next())
        except (TimeoutError, SenderLeft):
            return

    async def _chunks(self) -> Any:
        while not self.is_complete:
            chunk = await self._next()
            self._memory.hold(len(chunk))
            self._held += len(chunk)
            if self._held > limit("body_bytes"):
                raise Refused(413, "body_too_large")
            yield chunk

    async def _next(self) -> bytes:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise SenderLeft
        self.is_complete = not message.get("more_body", False)
        chunk: bytes = message.get("body", b"")
        return chunk

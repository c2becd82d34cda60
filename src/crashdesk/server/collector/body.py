"""Reads a request's body within limits of size and time, whatever length the sender announces.

What is large goes to a file of the incoming bodies while it comes, so that memory per request is bounded.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any, Self

from crashdesk.server.collector.authentication import Refused
from crashdesk.server.collector.counters import Counters
from crashdesk.server.collector.limits import limit
from crashdesk.server.collector.room import Room
from crashdesk.server.intake.incoming import BodyWriter, Incoming

SMALL_BYTES = 64 * 1024

Receive = Callable[[], Awaitable[dict[str, Any]]]


class SenderLeft(Exception):  # noqa: N818 - nobody is there to be told
    """The sender closed the connection before its body was complete."""


class Memory:
    """How many bytes of bodies beyond their first SMALL_BYTES are held at the moment, all requests together."""

    def __init__(self) -> None:
        self.held_bytes = 0

    @property
    def is_short(self) -> bool:
        return self.held_bytes > limit("bodies_in_memory_bytes")


@dataclass(frozen=True, slots=True)
class Store:
    """Where bodies are while they come."""

    incoming: Incoming
    room: Room
    memory: Memory
    counters: Counters


@dataclass(frozen=True, slots=True)
class Content:
    """A complete body: in memory, or in the file with this name."""

    data: bytes
    size: int
    file: str = ""

    def chunks(self, incoming: Incoming) -> Iterator[bytes]:
        """Yield it in chunks, wherever it lies."""
        return incoming.pieces(self.file) if self.file else iter((self.data,))


@dataclass(frozen=True, slots=True)
class Caps:
    """How large a body may be and how long it may take."""

    most_bytes: float
    seconds: float


class Body:
    """One request's body; a context, so that memory and files are given back whatever happens."""

    def __init__(self, receive: Receive, announced: bytes | None, store: Store, caps: Caps) -> None:
        """`announced` is the length that the sender names."""
        self._receive = receive
        self._announced = int(announced) if announced and announced.isdigit() else 0
        self._store = store
        self._caps = caps
        self._pieces: list[bytes] = []
        self._pending = self._held = self._size = 0
        self._writer: BodyWriter | None = None
        self.is_complete = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._give_back()

    def keep(self) -> None:
        """Leave the body's file where it is: from now on its row stands for it."""
        self._writer = None

    async def read(self) -> Content:
        """Return the whole body; raises Refused at a limit, SenderLeft, StorageError."""
        if self._announced > self._caps.most_bytes:
            raise Refused(413, "body_too_large")
        try:
            async with asyncio.timeout(self._caps.seconds) as deadline:
                while not self.is_complete:
                    await self._take(await self._next(), deadline)
                return await self._content()
        except TimeoutError as error:
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

    async def _take(self, chunk: bytes, deadline: asyncio.Timeout) -> None:
        self._size += len(chunk)
        if self._size > self._caps.most_bytes:
            raise Refused(413, "body_too_large")
        self._pieces.append(chunk)
        self._pending += len(chunk)
        if self._pending > SMALL_BYTES:
            self._hold(len(chunk))
        if self._pending > (SMALL_BYTES if self._store.memory.is_short else limit("streamed_bytes")):
            if self._writer is None:
                self._writer = await asyncio.to_thread(self._store.incoming.create)
                self._store.counters.streamed += 1
                longer = limit("large_body_seconds") - self._caps.seconds
                deadline.reschedule((deadline.when() or 0.0) + max(0.0, longer))
            await self._write(self._writer)

    async def _write(self, writer: BodyWriter) -> None:
        self._store.room.take(self._pending)
        pieces = b"".join(self._pieces)
        self._let_go()
        await asyncio.to_thread(writer.write, pieces)

    async def _content(self) -> Content:
        if self._writer is None:
            return Content(b"".join(self._pieces), self._size)
        await self._write(self._writer)
        await asyncio.to_thread(self._writer.finish)
        return Content(b"", self._size, self._writer.name)

    def _hold(self, size: int) -> None:
        self._held += size
        self._store.memory.held_bytes += size

    def _let_go(self) -> None:
        self._pieces.clear()
        self._store.memory.held_bytes -= self._held
        self._pending = self._held = 0

    def _give_back(self) -> None:
        self._let_go()
        if self._writer is not None:
            self._writer.discard()
            self._writer = None

    async def _next(self) -> bytes:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise SenderLeft
        self.is_complete = not message.get("more_body", False)
        chunk: bytes = message.get("body", b"")
        return chunk

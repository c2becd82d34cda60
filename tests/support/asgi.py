"""Calls an ASGI application as a server would, without a socket."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


def call(
    application: Any,
    path: str,
    *chunks: bytes,
    method: str = "POST",
    headers: Mapping[str, str] | None = None,
    client: str = "192.0.2.1",
    leaves: bool = False,
    stalls: bool = False,
) -> Answer | None:
    """Send one request whose body comes in `chunks` and return the answer; None when there was none.

    With `leaves` the sender closes the connection after the last chunk, with `stalls` it falls silent there.
    """
    bare, _, query = path.partition("?")
    scope = {
        "type": "http",
        "method": method,
        "path": bare,
        "raw_path": bare.encode(),
        "query_string": query.encode(),
        "headers": [(name.lower().encode(), text.encode()) for name, text in (headers or {}).items()],
        "client": (client, 50000),
        "scheme": "http",
    }
    return asyncio.run(_run(application, scope, chunks or (b"",), leaves=leaves, stalls=stalls))


async def _run(application: Any, scope: dict, chunks: Iterable[bytes], *, leaves: bool, stalls: bool) -> Answer | None:
    messages = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    if leaves:
        messages.append({"type": "http.disconnect"})
    elif not stalls:
        messages[-1]["more_body"] = False
    sent: list[dict] = []

    async def receive() -> dict:
        if not messages:
            await asyncio.Event().wait()
        return messages.pop(0)

    async def send(message: dict) -> None:
        sent.append(message)

    await application(scope, receive, send)
    if not sent:
        return None
    headers = {name.decode(): text.decode() for name, text in sent[0]["headers"]}
    return Answer(sent[0]["status"], headers, b"".join(message["body"] for message in sent[1:]))

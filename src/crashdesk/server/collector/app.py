"""The collector's ASGI entry: route, authenticate, read within limits, store, answer; pages go to the web process."""

import asyncio
import os
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from crashdesk import clock, logs
from crashdesk.errors import StorageError
from crashdesk.server.collector import answers, health
from crashdesk.server.collector.answers import RETRY_SECONDS, Answer
from crashdesk.server.collector.authentication import (
    Key,
    Refused,
    authenticate,
    key_and_project_in_dsn,
    keys_in_request,
)
from crashdesk.server.collector.body import Body, Memory, SenderLeft
from crashdesk.server.collector.committer import Committer
from crashdesk.server.collector.limits import Bucket, full_bucket, has_room, limit, take
from crashdesk.server.collector.proxy import Receive, Scope, Send, Sender, WebProxy
from crashdesk.server.intake.encodings import RefusedBody
from crashdesk.server.intake.queue import NewIntake
from crashdesk.server.intake.reading import ENVELOPE, STORE, Framing, framing

INLINE_BYTES = 64 * 1024  # larger bodies are checked on another thread, so that small ones need not wait for them

_REPORT = re.compile(r"/api/([0-9]{1,18})/(envelope|store)/?")
_TUNNEL = re.compile(r"/tunnel/?")
_ENVELOPE_TYPE = b"application/x-sentry-envelope"

log = logs.logger("collector")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the collector works with; everything that touches the world comes in here."""

    data: Path
    find_key: Callable[[str], Key | None]
    committer: Committer
    web: WebProxy
    has_quotas: bool = True
    trusts_forwarded: bool = False
    memory: Memory = field(default_factory=Memory)


@dataclass(frozen=True, slots=True)
class Request:
    """One request for a report, taken apart; `project_id` is None where only the envelope names it."""

    route: str
    project_id: str | None
    headers: dict[bytes, bytes]
    query: bytes
    sender: Sender

    @property
    def encoding(self) -> str:
        return self.headers.get(b"content-encoding", b"").decode("latin-1").strip().lower()

    @property
    def origin(self) -> str | None:
        return self.headers[b"origin"].decode("latin-1") if b"origin" in self.headers else None


class Collector:
    """The ASGI callable."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._around = surroundings
        self._buckets: dict[int, Bucket] = {}
        self.refusals: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sender = self._sender(scope)
        request = _report_request(scope, sender)
        if request is not None:
            await self._report(request, scope["method"], receive, send)
        elif scope["path"].startswith("/health/"):
            await _send(send, self._health(scope["path"]))
        else:
            await self._page(scope, receive, send, sender)

    async def _page(self, scope: Scope, receive: Receive, send: Send, sender: Sender) -> None:
        """Pass a request on once it is complete: one that is stuck must not hold a connection of the web process."""
        announced = dict(scope["headers"]).get(b"content-length")
        with Body(receive, announced, self._around.memory, limit("page_body_bytes")) as body:
            try:
                content = await body.read()
            except SenderLeft:
                return
            except Refused as refusal:
                await body.drain()
                await _send(send, answers.plain(refusal.status, {"detail": answers.REASONS[refusal.reason]}).closing())
            else:
                await self._around.web.forward(scope, content, send, sender)

    async def _report(self, request: Request, method: str, receive: Receive, send: Send) -> None:
        """Answer one request for a report, whatever it holds."""
        with Body(receive, request.headers.get(b"content-length"), self._around.memory) as body:
            try:
                answer = await self._answer(request, method, body)
                if not body.is_complete:
                    await body.drain()
                    answer = answer if body.is_complete else answer.closing()
            except SenderLeft:
                return
            await _send(send, answer)

    async def _answer(self, request: Request, method: str, body: Body) -> Answer:
        try:
            if method == "POST":
                return answers.accepted(await self._accept(request, body))
        except (Refused, RefusedBody) as refusal:
            self.refusals[refusal.reason] += 1
            retry_seconds = refusal.retry_seconds if isinstance(refusal, Refused) else None
            return answers.refused(refusal.status, refusal.reason, retry_seconds)
        except StorageError:
            self.refusals["storage_full"] += 1
            return answers.refused(503, "storage_full", RETRY_SECONDS)
        return answers.preflight() if method == "OPTIONS" else answers.refused(405, "method_not_allowed")

    async def _accept(self, request: Request, body: Body) -> str | None:
        """Store the report and return its envelope's id, if it has one; raises Refused, RefusedBody, StorageError."""
        named = keys_in_request(request.headers, request.query)
        is_named = bool(named) and request.project_id is not None
        if is_named or request.route == STORE:  # else only the envelope says who sends it and for which project
            self._take_from_quota(self._authenticate(request, named, request.project_id))
        content = await body.read()
        frame = await _checked(request, content)
        key = self._authenticate(request, *_with_envelope(named, request.project_id, frame))
        if not is_named:
            self._take_from_quota(key)
        self._make_sure_of_room(len(content))
        await self._around.committer.store(_intake(request, key, frame, content))
        return frame.envelope_id

    def _authenticate(self, request: Request, named: set[str], project_id: str | None) -> Key:
        return authenticate(named, project_id, request.origin, self._around.find_key)

    def _take_from_quota(self, key: Key) -> None:
        if not self._around.has_quotas:
            return
        now = clock.monotonic()
        bucket = self._buckets.get(key.key_id) or full_bucket(now)
        self._buckets[key.key_id], wait_seconds = take(bucket, now)
        if wait_seconds > 0:
            raise Refused(429, "key_rate", max(1.0, wait_seconds))

    def _make_sure_of_room(self, incoming_bytes: int) -> None:
        facts = os.statvfs(self._around.data)
        if not has_room(facts.f_bavail * facts.f_frsize, incoming_bytes):
            raise Refused(503, "storage_full", RETRY_SECONDS)

    def _health(self, path: str) -> Answer:
        if path.rstrip("/") == "/health/live":
            return answers.plain(200, {"status": "ok"})
        if path.rstrip("/") != "/health/ready":
            return answers.plain(404, {"status": "unknown", "known": ["/health/live", "/health/ready"]})
        found = health.look(self._around.data, last_commit_failed=self._around.committer.last_commit_failed)
        status = "ok" if found.is_well else "not ready"
        facts = {"status": status, "checks": found.checks, "refused": dict(self.refusals)}
        return answers.plain(200 if found.is_well else 503, facts)

    def _sender(self, scope: Scope) -> Sender:
        """Return who sent it: a proxy of ours is believed when the setting says that there is one."""
        address, scheme = (scope.get("client") or ("", 0))[0], str(scope.get("scheme", "http"))
        if self._around.trusts_forwarded:
            headers = dict(scope["headers"])
            named = headers.get(b"x-forwarded-for", b"").decode("latin-1").rpartition(",")[2].strip()
            address = named or address
            scheme = "https" if headers.get(b"x-forwarded-proto", b"").strip().lower() == b"https" else scheme
        return Sender(address, scheme)


def _report_request(scope: Scope, sender: Sender) -> Request | None:
    """Take a request for a report apart; None for every other request."""
    found = _REPORT.fullmatch(scope["path"])
    if found is None and not _TUNNEL.fullmatch(scope["path"]):
        return None
    headers = dict(scope["headers"])
    project_id, route = found.groups() if found else (None, ENVELOPE)
    if headers.get(b"content-type", b"").startswith(_ENVELOPE_TYPE):
        route = ENVELOPE  # an early SDK posts envelopes to store/
    return Request(route, project_id, headers, scope["query_string"], sender)


def _with_envelope(named: set[str], project_id: str | None, frame: Framing) -> tuple[set[str], str | None]:
    """Return keys and project with those that the envelope's own header names."""
    found = key_and_project_in_dsn(frame.dsn)
    return (named, project_id) if found is None else (named | {found[0]}, project_id or found[1])


def _intake(request: Request, key: Key, frame: Framing, content: bytes) -> NewIntake:
    return NewIntake(
        project_id=key.project_id,
        key_id=key.key_id,
        received_at=clock.timestamp(),
        envelope_id=frame.envelope_id,
        encoding=request.encoding,
        route=request.route,
        remote=request.sender.address,
        body=content,
    )


async def _checked(request: Request, content: bytes) -> Framing:
    if len(content) <= INLINE_BYTES:
        return framing(request.route, content, request.encoding)
    return await asyncio.to_thread(framing, request.route, content, request.encoding)


async def _send(send: Send, answer: Answer) -> None:
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    await send({"type": "http.response.body", "body": answer.body})

"""The collector's ASGI entry: route, authenticate, read within limits, store, answer; pages go to the web process."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from crashdesk import logs
from crashdesk.errors import StorageError
from crashdesk.server.collector import answers, health, metrics
from crashdesk.server.collector.admission import Admission
from crashdesk.server.collector.answers import Answer
from crashdesk.server.collector.authentication import Key, Refused
from crashdesk.server.collector.body import SMALL_BYTES, Body, Caps, Content, Memory, SenderLeft, Store
from crashdesk.server.collector.committer import Committer
from crashdesk.server.collector.door import Attempt, Door
from crashdesk.server.collector.forwarded import Sender, Trust, sender_of
from crashdesk.server.collector.limits import limit
from crashdesk.server.collector.measuring import Own
from crashdesk.server.collector.metrics import Value
from crashdesk.server.collector.old_forms import brought_forward
from crashdesk.server.collector.proxy import Pages, Receive, Scope, Send
from crashdesk.server.collector.refusals import Refusals
from crashdesk.server.collector.requests import BEACON, Request, report_request
from crashdesk.server.collector.room import Room
from crashdesk.server.intake.encodings import RefusedBody
from crashdesk.server.intake.incoming import Incoming
from crashdesk.server.intake.queue import NewIntake
from crashdesk.server.intake.reading import ENVELOPE, MINIDUMP, Framing, Source, framing_at_once, framing_of

_UPLOAD = re.compile(r"/api/0/(organizations/[^/]+/chunk-upload|projects/[^/]+/[^/]+/files/dsyms)/?")

log = logs.logger("collector")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the collector works with; everything that touches the world comes in here."""

    data: Path
    find_key: Callable[[str], Key | None]
    committer: Committer
    web: Pages
    has_quotas: bool = True
    trusts_forwarded: Trust = 0
    is_database_away: Callable[[], bool] = lambda: False
    refusals: Refusals = field(default_factory=Refusals)
    admission: Admission = field(default_factory=Admission)
    measure: Callable[[Own], dict[str, Value]] = lambda _: {}
    metrics_token: str | None = None


class Collector:
    """The ASGI callable."""

    def __init__(self, surroundings: Surroundings) -> None:
        around = self._around = surroundings
        room = Room(around.data)
        self.door = Door(around.find_key, room, around.admission if around.has_quotas else None, around.refusals)
        self.memory = Memory()
        self._incoming = Incoming(around.data)
        self._store = Store(self._incoming, room, self.memory, self.door.counters)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        sender = self._sender(scope, headers)
        request = report_request(scope["method"], scope["path"], headers, scope["query_string"], sender)
        if request is not None:
            await self._report(request, scope["method"], receive, send)
        elif scope["path"].startswith("/health/"):
            await _send(send, self._health(scope["path"]))
        elif scope["path"] == metrics.PATH:
            await _send(send, await self._metrics((scope.get("client") or ("", 0))[0], headers))
        else:
            await self._page(scope, receive, send, sender)

    def small_report(
        self, url: bytes, headers: dict[bytes, bytes], client: tuple[str, int] | None, scheme: str | None
    ) -> Request | None:
        """Return the request when it is a POST for a report that may be small enough for ``quick``."""
        path, _, query = url.partition(b"?")
        length = headers.get(b"content-length", b"0")
        if len(length) > 5 and int(length) > SMALL_BYTES:
            return None
        peer = Sender(client[0] if client else "", scheme or "http")
        request = report_request("POST", path.decode("latin-1"), headers, query, self._believed(peer, headers))
        return None if request is None or request.form else request

    def quick(self, request: Request, body: bytes, answer: Callable[[Answer], None]) -> bool:
        """Take a small report that has come completely, and call `answer` at once or when it is stored.

        Return False, and do nothing, for one that takes long to check.
        """
        attempt = None
        try:
            attempt = self.door.knock(request)
            content = Content(body, len(body))
            frame = framing_at_once(request.route, self._source(request, content))
            if frame is None:
                return False
            row = self.door.admit(attempt, frame, content)
        except (Refused, RefusedBody, StorageError) as refusal:
            answer(self.door.refused(attempt, refusal))
            return True
        self._around.committer.submit(row, _Told(self.door, attempt, row, answer))
        return True

    async def _page(self, scope: Scope, receive: Receive, send: Send, sender: Sender) -> None:
        """Pass a request on once it is complete: one that is stuck must not hold a connection of the web process."""
        announced = dict(scope["headers"]).get(b"content-length")
        is_upload = _UPLOAD.fullmatch(scope["path"]) is not None
        caps = (
            Caps(limit("upload_body_bytes"), limit("upload_seconds"))
            if is_upload
            else Caps(limit("page_body_bytes"), limit("body_seconds"))
        )
        with Body(receive, announced, self._store, caps) as body:
            try:
                content = await body.read()
            except SenderLeft:
                return
            except (Refused, StorageError) as error:
                refusal = error if isinstance(error, Refused) else Refused(503, "storage_full")
                await body.drain()
                await _send(send, answers.plain(refusal.status, {"detail": answers.REASONS[refusal.reason]}).closing())
            else:
                await self._around.web.forward(scope, (content.size, content.chunks(self._incoming)), send, sender)

    async def _report(self, request: Request, method: str, receive: Receive, send: Send) -> None:
        """Answer one request for a report, whatever it holds."""
        is_whole = bool(request.form) or request.route not in {ENVELOPE, MINIDUMP}
        caps = Caps(limit("whole_body_bytes" if is_whole else "body_bytes"), limit("body_seconds"))
        with Body(receive, request.headers.get(b"content-length"), self._store, caps) as body:
            try:
                answer = await self._answer(request, method, body)
                if not body.is_complete:
                    await body.drain()
                    answer = answer if body.is_complete else answer.closing()
            except SenderLeft:
                return
            await _send(send, answer)

    async def _answer(self, request: Request, method: str, body: Body) -> Answer:
        if method == "POST" or request.form == BEACON:
            return await self._accept(request, body)
        return answers.preflight() if method == "OPTIONS" else answers.refused(405, "method_not_allowed")

    async def _accept(self, request: Request, body: Body) -> Answer:
        """Store the report and say so, or say why not."""
        attempt = None
        try:
            attempt = self.door.knock(request)
            content = await body.read()
            if request.form:
                old = b"".join(content.chunks(self._incoming))
                content = Content(brought_forward(request, old), content.size)
            row = self.door.admit(attempt, await self._checked(request, content), content)
            await self._commit(row, body)
        except (Refused, RefusedBody, StorageError) as refusal:
            return self.door.refused(attempt, refusal)
        return self.door.stored(attempt, row, content.size)

    async def _commit(self, row: NewIntake, body: Body) -> None:
        """Store `row`; its file goes only when it is certain that no row names it."""
        body.keep()
        try:
            await self._around.committer.store(row)
        except StorageError:
            if row.body_file:
                self._incoming.remove([row.body_file])
            raise

    async def _checked(self, request: Request, content: Content) -> Framing:
        """Check a body: what takes long on another thread, so that others need not wait for it."""
        source = self._source(request, content)
        if content.size <= SMALL_BYTES and (frame := framing_at_once(request.route, source)) is not None:
            return frame
        return await asyncio.to_thread(framing_of, request.route, self._source(request, content))

    def _source(self, request: Request, content: Content) -> Source:
        return Source(content.chunks(self._incoming), content.size, request.encoding, request.content_type)

    def _health(self, path: str) -> Answer:
        if path.rstrip("/") == "/health/live":
            return answers.plain(200, {"status": "ok"})
        if path.rstrip("/") != "/health/ready":
            return answers.plain(404, {"status": "unknown", "known": ["/health/live", "/health/ready"]})
        found = health.look(
            self._around.data,
            last_commit_failed=self._around.committer.last_commit_failed,
            is_database_away=self._around.is_database_away(),
        )
        status = "ok" if found.is_well else "not ready"
        facts = {"status": status, "checks": found.checks, "refused": dict(self.door.counters.refused)}
        return answers.plain(200 if found.is_well else 503, facts)

    async def _metrics(self, peer: str, headers: dict[bytes, bytes]) -> Answer:
        """Give the figures of this node to whoever may see them; the database is asked on another thread."""
        if not metrics.may_read(peer, headers, self._around.metrics_token):
            return answers.plain(403, {"detail": "Metrics are for this machine, or for who has the metrics_token."})
        own = Own(self.door.counters, self._around.committer, self.memory)
        return metrics.answer(await asyncio.to_thread(self._around.measure, own))

    def _sender(self, scope: Scope, headers: dict[bytes, bytes]) -> Sender:
        client = scope.get("client") or ("", 0)
        return self._believed(Sender(client[0], str(scope.get("scheme", "http"))), headers)

    def _believed(self, peer: Sender, headers: dict[bytes, bytes]) -> Sender:
        """Return who sent it: a proxy of ours is believed when the setting says that there is one."""
        trust = self._around.trusts_forwarded
        return sender_of(peer, headers, trust) if trust else peer


@dataclass(frozen=True, slots=True)
class _Told:
    """What the committer calls: the answer of a report that waits for its commit."""

    door: Door
    attempt: Attempt
    row: NewIntake
    answer: Callable[[Answer], None]

    def __call__(self, failure: StorageError | None) -> None:
        if failure is None:
            self.answer(self.door.stored(self.attempt, self.row, len(self.row.body)))
        else:
            self.answer(self.door.refused(self.attempt, failure))


async def _send(send: Send, answer: Answer) -> None:
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    await send({"type": "http.response.body", "body": answer.body})

"""The door: what is asked of a report before it may be stored, in the order in which it becomes known.

Everything here answers at once; waiting for bytes and for commits is the callers' part.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from crashdesk import clock
from crashdesk.errors import StorageError
from crashdesk.server.collector import answers
from crashdesk.server.collector.admission import FREE, Admission, Verdict, by_category
from crashdesk.server.collector.answers import Answer
from crashdesk.server.collector.authentication import (
    Key,
    Refused,
    authenticate,
    key_and_project_in_dsn,
    keys_in_request,
)
from crashdesk.server.collector.body import Content
from crashdesk.server.collector.counters import Counters
from crashdesk.server.collector.refusals import Refusals
from crashdesk.server.collector.requests import BEACON, Request
from crashdesk.server.collector.room import RETRY_SECONDS, Room
from crashdesk.server.intake import seen
from crashdesk.server.intake.encodings import RefusedBody
from crashdesk.server.intake.queue import NewIntake
from crashdesk.server.intake.reading import MINIDUMP, STORE, Framing


@dataclass(slots=True)
class Attempt:
    """One report on its way in, and what is known of it so far."""

    request: Request
    named: set[str] = field(default_factory=set)
    key: Key | None = None
    frame: Framing | None = None
    verdict: Verdict = FREE


class Door:
    """The state of all that is asked; used by the collector's event loop only."""

    def __init__(
        self, find_key: Callable[[str], Key | None], room: Room, admission: Admission | None, refusals: Refusals
    ) -> None:
        """Without `admission` there are no limits on how much may come."""
        self._find_key = find_key
        self._room = room
        self._admission = admission
        self._refusals = refusals
        self.counters = Counters()

    def knock(self, request: Request) -> Attempt:
        """Begin with what headers and query say; raises Refused, StorageError when nobody knows the key."""
        attempt = Attempt(request, keys_in_request(request.headers, request.query))
        if (attempt.named and request.project_id is not None) or request.route == STORE:
            attempt.key = self._authenticate(attempt, request.project_id)
        return attempt  # else only the body says who sends it and for which project

    def admit(self, attempt: Attempt, frame: Framing, content: Content) -> NewIntake:
        """Return the row to be stored for a body that is complete and sound; raises Refused, StorageError."""
        attempt.frame = frame
        key = attempt.key
        if key is None or frame.dsn is not None:
            key = attempt.key = self._with_envelope(attempt, frame)
        self._judge(attempt, key, frame)
        self._room.take(len(content.data))
        return _row(attempt, key, frame, content)

    def stored(self, attempt: Attempt, row: NewIntake, size: int) -> Answer:
        """Answer a report that is safely stored."""
        counters = self.counters
        counters.accepted += 1
        counters.accepted_bytes += size
        if attempt.verdict is not FREE:
            counters.limited.update(attempt.verdict.reasons.values())
        if attempt.request.route == MINIDUMP and row.envelope_id:
            return answers.accepted_dump(row.envelope_id)
        if attempt.request.form == BEACON:
            return answers.accepted_image()
        return answers.accepted(row.envelope_id, attempt.verdict.told)

    def refused(self, attempt: Attempt | None, refusal: Refused | RefusedBody | StorageError) -> Answer:
        """Answer a report that is not taken, and count it for the account of the project whose key it had."""
        if isinstance(refusal, StorageError):
            refusal = Refused(503, "storage_full", RETRY_SECONDS)
        self.counters.refused[refusal.reason] += 1
        if isinstance(refusal, RefusedBody) and refusal.dsn is not None and attempt is not None and attempt.key is None:
            with suppress(Refused, StorageError):  # nobody's account, then
                attempt.key = self._with_envelope(attempt, Framing(None, refusal.dsn))
        if attempt is not None and attempt.key is not None and refusal.reason in answers.COUNTED:
            counts = attempt.frame.counts if attempt.frame is not None else {}
            self._refusals.add(attempt.key.project_id, counts, refusal.reason)
        if isinstance(refusal, RefusedBody):
            return answers.refused(refusal.status, refusal.reason)
        return answers.refused(refusal.status, refusal.reason, refusal.retry_seconds, refusal.limits)

    def _authenticate(self, attempt: Attempt, project_id: str | None) -> Key:
        return authenticate(attempt.named, project_id, attempt.request.origin, self._find_key)

    def _with_envelope(self, attempt: Attempt, frame: Framing) -> Key:
        """Return the key after the envelope's own header was heard too; what it names must agree with the request."""
        found = key_and_project_in_dsn(frame.dsn)
        project_id = attempt.request.project_id
        if found is not None:
            attempt.named.add(found[0])
            project_id = project_id or found[1]
        return self._authenticate(attempt, project_id)

    def _judge(self, attempt: Attempt, key: Key, frame: Framing) -> None:
        if self._admission is None:
            return
        verdict = attempt.verdict = self._admission.judge(key, frame.counts)
        if verdict is not FREE and verdict.covers(by_category(frame.counts)):
            first = verdict.told[0]
            longest = max(limit.seconds for limit in verdict.told)
            raise Refused(429, first.reason, longest, verdict.told)


def _row(attempt: Attempt, key: Key, frame: Framing, content: Content) -> NewIntake:
    request = attempt.request
    return NewIntake(
        project_id=key.project_id,
        key_id=key.key_id,
        received_at=clock.timestamp(),
        envelope_id=frame.envelope_id,
        encoding=request.encoding,
        route=request.route,
        remote=request.sender.address,
        body=content.data,
        content_type=request.content_type,
        items=seen.write(frame.counts, attempt.verdict.reasons),
        body_file=content.file,
    )

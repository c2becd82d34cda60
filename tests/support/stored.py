"""Stores reports the short way, as the processor would, for tests of pages and API; `bodies_in` gives them a place."""

from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import orjson

from crashdesk.protocol.event import EventView
from crashdesk.server.events import bodies, ids
from crashdesk.server.events.models import Attachment, Event, FailedReport
from crashdesk.server.feedback.models import Feedback
from crashdesk.server.grouping.fingerprint import group
from crashdesk.server.intake.blobs import Kind, Owner, Record
from crashdesk.server.issues.models import Issue
from crashdesk.server.issues.recording import Occurrence, record
from crashdesk.server.issues.services import add_feedback


def bodies_in(settings: Any, directory: Path) -> None:
    """Let this test keep bodies below `directory`."""
    settings.CRASHDESK_DATA = directory


def a_stored_event(project_id: int, body: dict[str, Any], *, user: str = "") -> tuple[Issue, Event]:
    """Store an event with its body and count it into its issue."""
    view, fingerprint, said = EventView(body), group(body), bodies.said_by_us(body)
    happened_at = datetime.fromtimestamp(float(body["timestamp"]), UTC)
    chain = view.exceptions
    tags = {
        "release": view.release or "",
        "environment": view.environment or "",
        "level": view.level,
        **dict(view.tags),
    }
    digest = sha256(user.encode()).hexdigest()[:16] if user else ""
    row_id = ids.new_id(happened_at)
    occurrence = Occurrence(
        row_id=row_id,
        fingerprint=(fingerprint.version, fingerprint.key),
        kind=view.kind,
        level=view.level,
        type=chain[-1].type if chain else "",
        value=chain[-1].value if chain else view.message,
        culprit=view.culprit(),
        happened_at=happened_at,
        release=view.release or "",
        user_digest=digest,
        tags=tuple((key, value) for key, value in tags.items() if value),
    )
    [issue_id] = record(project_id, [occurrence], {}, happened_at)
    event = Event.objects.create(
        project_id=project_id,
        id=row_id,
        event_id=UUID(body["event_id"]),
        issue_id=issue_id,
        kind=view.kind,
        level=view.level,
        happened_at=happened_at,
        received_at=happened_at,
        release=view.release or "",
        environment=view.environment or "",
        user_digest=digest,
        grouping_version=fingerprint.version,
        grouping_key=fingerprint.key,
        body=kept(
            orjson.dumps(body | {bodies.OWN_KEY: {"grouping": fingerprint.to_json(), **said}}),
            Owner(Kind.EVENT, project_id, UUID(body["event_id"]).int),
        ),
    )
    return Issue.objects.get(project_id=project_id, id=issue_id), event


def a_stored_file(project_id: int, event_id: UUID, name: str = "log.txt", content: bytes = b"a line\n") -> Attachment:
    """Store a file that came with an event or feedback."""
    now = datetime(2026, 3, 2, tzinfo=UTC)
    return Attachment.objects.create(
        project_id=project_id,
        id=ids.new_id(now),
        event_id=event_id,
        sha256=sha256(content).hexdigest(),
        name=name,
        content_type="text/plain",
        size_bytes=len(content),
        received_at=now,
        blob=kept(content, Owner(Kind.ATTACHMENT, project_id, event_id.int)),
    )


def stored_words(project_id: int, message: str, *, issue: Issue | None = None, **more: Any) -> Feedback:
    """Store a user's words, alone or about an event of `issue`."""
    at = more.pop("at", datetime(2026, 3, 2, tzinfo=UTC))
    row = Feedback.objects.create(
        project_id=project_id,
        id=ids.new_id(at),
        feedback_id=uuid4(),
        issue_id=issue.id if issue else None,
        message=message,
        happened_at=at,
        received_at=at,
        **more,
    )
    if issue:
        add_feedback(project_id, {issue.id: 1})
    return row


def a_failed_report(project_id: int, reason: str = "RecursionError", raw: bytes = b"{}\nbroken") -> FailedReport:
    """Store a report that could not be processed."""
    at = datetime(2026, 3, 2, tzinfo=UTC)
    return FailedReport.objects.create(
        project_id=project_id, id=ids.new_id(at), envelope_id=uuid4(), received_at=at, reason=reason, blob=kept(raw)
    )


NOBODY = Owner(Kind.FAILED, 1, 0)


def kept(content: bytes, owner: Owner = NOBODY) -> str:
    """Store `content` and return its reference."""
    return bodies.blobs().append([Record(owner, content)])[0]

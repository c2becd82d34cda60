"""A person's feedback on its way into an envelope of its own, and its draft. Without Qt, without a clock."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crashdesk import __version__
from crashdesk.agent.ui.parts import names
from crashdesk.protocol.envelope import Envelope, Item
from crashdesk.protocol.feedback import DEFAULT_KIND, FEEDBACK_KINDS, SEVERITIES, Feedback

SOURCE = "feedback_window"
MAX_FILE_BYTES = 10_000_000
MAX_FILES_BYTES = 20_000_000
MAX_DRAFT_FILE_BYTES = 5_000_000


@dataclass(frozen=True, slots=True)
class Opening:
    """What the product said when it asked for the window: where feedback goes, and its facts at that moment."""

    dsn: str
    product: str
    release: str = ""
    environment: str = ""
    contexts: Mapping[str, Any] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    kind: str = "problem"
    words: str = ""
    event_id: str | None = None


def opening(payload: Mapping[str, Any], product: str, dsn: str) -> Opening:
    """Read the product's notice; what it leaves out or gets wrong has a default."""
    contexts, tags = payload.get("contexts"), payload.get("tags")
    kind = payload.get("kind")
    return Opening(
        dsn=str(payload.get("dsn") or dsn),
        product=str(payload.get("product") or product),
        release=str(payload.get("release") or ""),
        environment=str(payload.get("environment") or ""),
        contexts=contexts if isinstance(contexts, dict) else {},
        tags={str(key): str(value) for key, value in tags.items()} if isinstance(tags, dict) else {},
        kind=kind if kind in FEEDBACK_KINDS else DEFAULT_KIND,
        words=str(payload.get("message") or ""),
        event_id=payload.get("associated_event_id"),
    )


@dataclass(frozen=True, slots=True)
class File:
    """A picture or file that the person added."""

    name: str
    data: bytes
    content_type: str = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class FeedbackDraft:
    """Everything that was entered in a feedback window."""

    kind: str = "problem"
    words: str = ""
    severity: str | None = None
    contact: str | None = None
    includes_snapshot: bool = True
    files: tuple[File, ...] = ()
    removed: frozenset[str] = frozenset()  # parts of the facts that were switched off

    @property
    def is_empty(self) -> bool:
        return not (self.words or self.files)


def draft_to_json(draft: FeedbackDraft) -> dict[str, Any]:
    """Return the draft for the outbox's memory; files are kept as far as they are small together."""
    size = sum(len(file.data) for file in draft.files)
    files = draft.files if size <= MAX_DRAFT_FILE_BYTES else ()
    return {
        "kind": draft.kind,
        "words": draft.words,
        "severity": draft.severity,
        "contact": draft.contact,
        "includes_snapshot": draft.includes_snapshot,
        "removed": sorted(draft.removed),
        "files": [[file.name, file.content_type, base64.b64encode(file.data).decode()] for file in files],
    }


def draft_from_json(value: Any) -> FeedbackDraft | None:
    """Return the draft that was kept; odd values count as not entered."""
    if not isinstance(value, dict):
        return None
    return FeedbackDraft(
        kind=value["kind"] if value.get("kind") in FEEDBACK_KINDS else DEFAULT_KIND,
        words=str(value.get("words") or ""),
        severity=value["severity"] if value.get("severity") in SEVERITIES else None,
        contact=str(value["contact"]) if value.get("contact") else None,
        includes_snapshot=value.get("includes_snapshot") is not False,
        files=tuple(_files(value.get("files"))),
        removed=names(value.get("removed")),
    )


def _files(value: Any) -> list[File]:
    found = []
    for entry in value if isinstance(value, list) else ():
        try:
            name, content_type, data = entry
            found.append(File(str(name), base64.b64decode(data, validate=True), str(content_type)))
        except (TypeError, ValueError, binascii.Error):
            continue
    return found


def build(draft: FeedbackDraft, at: Opening, feedback_id: str) -> Envelope:
    """Return the envelope of a feedback: the words, the facts if wanted, the files."""
    words = Feedback(
        feedback_id=feedback_id,
        message=draft.words,
        kind=draft.kind,
        contact_email=draft.contact,
        associated_event_id=at.event_id,
        source=SOURCE,
        severity=draft.severity if draft.kind == "problem" else None,
    )
    files = [Item.attachment(file.name, file.data, content_type=file.content_type) for file in draft.files]
    headers = {"event_id": feedback_id, "sdk": {"name": "crashdesk.agent", "version": __version__}}
    return Envelope(headers, [words.to_item(_facts(draft, at)), *files])


def _facts(draft: FeedbackDraft, at: Opening) -> dict[str, Any]:
    """Return what the carrying event says besides the words."""
    known: dict[str, Any] = {"release": at.release, "environment": at.environment}
    if draft.includes_snapshot:
        known |= {"contexts": dict(at.contexts), "tags": dict(at.tags)}
    return {name: value for name, value in known.items() if value}

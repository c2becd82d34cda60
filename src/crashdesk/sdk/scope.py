"""What the product said about this run: user, tags, contexts, attachments and the trail; the same for every thread.

sentry-sdk keeps such facts per thread and task; a desktop program has one user and one trail, also for a failure in
a worker. Event values that are set already (by hand or by sentry-sdk) win over these.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crashdesk.errors import UsageError
from crashdesk.protocol import foreign
from crashdesk.protocol.trail import trim
from crashdesk.sdk.trail import Trail

MOST_ATTACHMENTS = 20
TAG_NAME = 200
TAG_VALUE = 500
MOST_ATTACHMENT_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file for each report of this run; one given by its path is read when a report is made."""

    filename: str
    data: bytes | Path
    content_type: str = "application/octet-stream"

    def read(self) -> bytes | None:
        """Return the bytes, the newest ones of a file that has grown too long, or None when there is no such file."""
        if isinstance(self.data, bytes):
            return self.data[:MOST_ATTACHMENT_BYTES]
        try:
            with self.data.open("rb") as file:
                file.seek(max(0, self.data.stat().st_size - MOST_ATTACHMENT_BYTES))
                return file.read(MOST_ATTACHMENT_BYTES)
        except OSError:
            return None


@dataclass(slots=True)
class Scope:
    """Facts for every report of this run."""

    trail: Trail
    user: dict[str, Any] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    contexts: dict[str, dict[str, Any]] = field(default_factory=dict)
    attachments: list[Attachment] = field(default_factory=list)

    def set_user(self, user: Mapping[str, Any] | None) -> None:
        self.user = plain(dict(user)) if user else {}

    def set_tag(self, key: str, value: object) -> None:
        """Set a tag, or take it away with None."""
        others = {name: text for name, text in self.tags.items() if name != str(key)}
        self.tags = others if value is None else {**others, str(key)[:TAG_NAME]: str(value)[:TAG_VALUE]}

    def set_context(self, name: str, facts: Mapping[str, Any] | None) -> None:
        """Set a context, or take it away with None; ours cannot be replaced."""
        if name == "crashdesk":
            raise UsageError("The context 'crashdesk' is Crashdesk's own: choose another name.")
        others = {key: value for key, value in self.contexts.items() if key != name}
        self.contexts = others if facts is None else {**others, str(name): plain(dict(facts))}

    def attach(self, attachment: Attachment) -> None:
        """Add a file; one of the same name is replaced, the oldest goes when there are too many."""
        kept = [other for other in self.attachments if other.filename != attachment.filename]
        self.attachments = [*kept, attachment][-MOST_ATTACHMENTS:]

    def apply(self, event: dict[str, Any]) -> None:
        """Add this run's facts to `event` where it says nothing itself."""
        if self.user:
            event["user"] = {**self.user, **foreign.mapping(event.get("user"))}
        if self.tags:
            event["tags"] = {**self.tags, **dict(foreign.pairs(event.get("tags")))}
        contexts = event["contexts"] = dict(foreign.mapping(event.get("contexts")))
        for name, facts in list(self.contexts.items()):
            contexts.setdefault(name, dict(facts))
        self._apply_trail(event)

    def _apply_trail(self, event: dict[str, Any]) -> None:
        own = self.trail.values()
        theirs = foreign.mappings(event.get("breadcrumbs"))
        if own or theirs:
            crumbs = sorted([*map(dict, theirs), *own], key=_moment)
            event["breadcrumbs"] = {"values": trim(crumbs, self.trail.size)}


def attachment_of(
    source: Path | str | bytes, filename: str | None = None, content_type: str | None = None
) -> Attachment:
    """Return an attachment from a path or from bytes."""
    data = bytes(source) if isinstance(source, bytes | bytearray | memoryview) else Path(source)
    name = filename or (data.name if isinstance(data, Path) else "attachment.bin")
    return Attachment(name, data, content_type or "application/octet-stream")


def plain(value: Any) -> Any:
    """Return plain JSON values of what a product gave us; raises ValueError or RecursionError for what has no end."""
    return json.loads(json.dumps(value, default=str, skipkeys=True))


def _moment(crumb: Mapping[str, Any]) -> float:
    """Seconds of a breadcrumb's time; one without a time stays in front."""
    at = foreign.moment(crumb.get("timestamp"))
    return at.timestamp() if at is not None else 0.0

"""A user's own words, how to reach them, and the event they belong to; in the newer and the older form."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from crashdesk.protocol import foreign
from crashdesk.protocol.envelope import Item, normalise_event_id

FEEDBACK_KINDS: dict[str, str] = {
    "problem": "Something does not work as it should.",
    "idea": "Something could be better, or is missing.",
    "question": "Something is not clear.",
    "praise": "Something is good.",
}

SEVERITIES: dict[str, str] = {
    "not": "It does not hold the person up.",
    "somewhat": "It slows the person down.",
    "fully": "The person cannot go on.",
}

DEFAULT_KIND = "problem"

# names of our fields in ``contexts.feedback`` of the event that carries the words; what else stands there is `extra`
_FIELDS = frozenset({"message", "kind", "contact_email", "name", "associated_event_id", "source", "url", "severity"})


@dataclass(frozen=True, slots=True)
class Feedback:
    """Words of one person; `associated_event_id` is the event they are about, `extra` what a client added."""

    feedback_id: str
    message: str
    kind: str = DEFAULT_KIND
    contact_email: str | None = None
    name: str | None = None
    associated_event_id: str | None = None
    source: str | None = None
    url: str | None = None
    severity: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    def to_item(self, event: Mapping[str, Any] | None = None) -> Item:
        """Build the item; `event` holds what else the carrying event says: time, release, environment, contexts."""
        base = dict(event or {})
        contexts = {**foreign.mapping(base.get("contexts")), "feedback": self._context()}
        head = {"event_id": self.feedback_id, "type": "feedback", "level": "info", "platform": "python"}
        return Item.from_json("feedback", {**head, **base, "event_id": self.feedback_id, "contexts": contexts})

    @classmethod
    def from_event(cls, payload: Mapping[str, Any], envelope_id: str | None = None) -> "Feedback":
        """Read the words from the event that carries them; its own id wins over the envelope's."""
        context = foreign.mapping(foreign.mapping(payload.get("contexts")).get("feedback"))
        kind, severity = foreign.text(context.get("kind")), foreign.text(context.get("severity"))
        return cls(
            feedback_id=normalise_event_id(payload.get("event_id")) or normalise_event_id(envelope_id) or "",
            message=foreign.text(context.get("message")) or foreign.text(payload.get("message")) or "",
            kind=kind if kind in FEEDBACK_KINDS else DEFAULT_KIND,
            contact_email=foreign.text(context.get("contact_email")),
            name=foreign.text(context.get("name")),
            associated_event_id=normalise_event_id(context.get("associated_event_id")),
            source=foreign.text(context.get("source")),
            url=foreign.text(context.get("url")),
            severity=severity if severity in SEVERITIES else None,
            extra={name: value for name, value in context.items() if name not in _FIELDS},
        )

    @classmethod
    def from_user_report(cls, payload: Mapping[str, Any], envelope_id: str | None = None) -> "Feedback":
        """Read the older form, which has no id of its own: the same words about the same event have the same id."""
        event_id = normalise_event_id(payload.get("event_id")) or normalise_event_id(envelope_id)
        message, email, name = (foreign.text(payload.get(key)) or "" for key in ("comments", "email", "name"))
        identity = "\0".join(("user_report", event_id or "", message, email, name))
        return cls(
            feedback_id=sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:32],
            message=message,
            contact_email=email or None,
            name=name or None,
            associated_event_id=event_id,
            source="user_report",
        )

    def _context(self) -> dict[str, Any]:
        said = {
            "message": self.message,
            "kind": self.kind,
            "contact_email": self.contact_email,
            "name": self.name,
            "associated_event_id": self.associated_event_id,
            "source": self.source,
            "url": self.url,
            "severity": self.severity,
        }
        return {**self.extra, **{name: value for name, value in said.items() if value is not None}}

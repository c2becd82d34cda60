"""The draft of one event or piece of feedback: its payload as it stands, and what the rules have found out so far."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from crashdesk.protocol.feedback import Feedback
from crashdesk.server.events.variants import variant_of
from crashdesk.server.grouping.fingerprint import NEWEST_VERSION, Fingerprint

EVENT, FEEDBACK, USER_REPORT = "event", "feedback", "user_report"  # the item types that become a draft


@dataclass(frozen=True, slots=True)
class Arrival:
    """How a report came: for which project, when, when the client says it sent it, and from which address.

    `grouping_version` is the one by which its project groups.
    Whoever knows the secret behind `withdrawal_digest` may withdraw the report.
    """

    project_id: int
    received_at: datetime
    sent_at: datetime | None = None
    remote: str = ""
    withdrawal_digest: str = ""
    grouping_version: int = NEWEST_VERSION


@dataclass(slots=True)
class Draft:
    """What the rules work on; a rule replaces the payload or fills in what it is named after.

    `category` is the word that the account of its project uses for it. `missing_symbols` are the modules of its frames
    for which nobody had symbols. `notes` tell people what was cut, dropped or could not be understood, never with text
    from the report. Once closed, `body` is the payload as it will be stored, `variant` tells kinds of events apart.
    """

    item: str
    id: str
    arrival: Arrival
    payload: dict[str, Any]
    happened_at: datetime
    category: str = "error"
    kind: str = "error"
    level: str = "error"
    type: str = ""
    value: str = ""
    culprit: str = ""
    release: str = ""
    environment: str = ""
    user_digest: str = ""
    likeness: str = ""
    facts: list[tuple[str, str]] = field(default_factory=list)
    tags: list[tuple[str, str]] = field(default_factory=list)
    fingerprint: Fingerprint | None = None
    words: Feedback | None = None
    missing_symbols: list[dict[str, str]] = field(default_factory=list)
    notes: list[dict[str, Any]] = field(default_factory=list)
    body: bytes = b""
    variant: int = 0

    def close(self) -> None:
        """Write the payload down as it will be stored and let it go: a batch of open ones would fill the memory."""
        self.body = orjson.dumps(self.payload)
        self.variant = variant_of(self.payload)
        self.payload = {}

    def note(self, rule: str, problem: str, **more: Any) -> None:
        """Leave a note for whoever reads the report."""
        self.notes.append({"rule": rule, "problem": problem, **more})

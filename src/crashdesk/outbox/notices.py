"""Small messages that product and agent leave for each other, and what the person consented to."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from crashdesk.errors import UsageError
from crashdesk.outbox import facts, ledger, queries
from crashdesk.outbox.store import Outbox

MAX_PAYLOAD_BYTES = 64 * 1024
MAX_WAITING = 100  # of one name; a flood drops the oldest


@dataclass(frozen=True, slots=True)
class NoticeKind:
    """A message that may be posted; one that nobody took in time is forgotten."""

    name: str
    description: str
    useful_seconds: float


KINDS = {
    kind.name: kind
    for kind in (
        NoticeKind("open_feedback", "Product to agent: the person wants to write feedback.", 600),
        NoticeKind("report_waiting", "Product to agent: a report waits for the person's decision.", 86_400),
        NoticeKind("show", "Second agent to the first: come to the front.", 60),
        NoticeKind("quit", "To the agent: end yourself.", 60),
    )
}


class Consent(StrEnum):
    """What the person allowed; unknown means that they were not asked yet."""

    UNKNOWN = "unknown"
    GIVEN = "given"
    REFUSED = "refused"


class Notices:
    """The messages in one outbox; whoever takes a message is the only one to get it."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    def post(self, name: str, payload: Mapping[str, Any] | None = None) -> None:
        """Leave a message; raises UsageError for an unknown name or a payload beyond the bound."""
        _kind(name)
        text = json.dumps(payload or {})
        if len(text) > MAX_PAYLOAD_BYTES:
            raise UsageError(f"The notice {name} is larger than {MAX_PAYLOAD_BYTES} bytes: send less in it.")
        now = self._outbox.clock.timestamp()

        def work(connection: Any) -> None:
            connection.execute("INSERT INTO notices (name, payload, posted_at) VALUES (?, ?, ?)", (name, text, now))
            connection.execute(
                "DELETE FROM notices WHERE id IN"
                " (SELECT id FROM notices WHERE name = ? ORDER BY id DESC LIMIT -1 OFFSET ?)",
                (name, MAX_WAITING),
            )

        self._outbox.database.write(work)

    def take(self, name: str) -> list[dict[str, Any]]:
        """Return the payloads left under `name`, oldest first, and remove them."""
        oldest_useful = self._outbox.clock.timestamp() - _kind(name).useful_seconds

        def waiting(connection: Any) -> list[tuple[str, float]]:
            return list(
                connection.execute("SELECT payload, posted_at FROM notices WHERE name = ? ORDER BY id", (name,))
            )

        def work(connection: Any) -> list[tuple[str, float]]:
            found = waiting(connection)
            connection.execute("DELETE FROM notices WHERE name = ?", (name,))
            return found

        if not self._outbox.database.read(waiting):
            return []  # looking costs no sync
        return [json.loads(text) for text, at in self._outbox.database.write(work) if at >= oldest_useful]

    def has(self, name: str) -> bool:
        """Say whether a message that is still useful lies there."""
        oldest_useful = self._outbox.clock.timestamp() - _kind(name).useful_seconds
        query = "SELECT EXISTS (SELECT 1 FROM notices WHERE name = ? AND posted_at >= ?)"
        return bool(
            self._outbox.database.read(
                lambda connection: connection.execute(query, (name, oldest_useful)).fetchone()[0]
            )
        )

    @property
    def consent(self) -> Consent:
        """What the person allowed."""
        return Consent(self._outbox.fact(facts.CONSENT) or Consent.UNKNOWN)

    @property
    def consent_since(self) -> datetime | None:
        """When the person decided."""
        at = self._outbox.database.read(lambda connection: queries.fact_changed_at(connection, facts.CONSENT))
        return None if at is None else datetime.fromtimestamp(at, UTC)

    def set_consent(self, consent: Consent) -> None:
        """Remember the decision. A refusal deletes what waits for the person and holds back what was not sent yet."""
        now = self._outbox.clock.timestamp()
        value = None if consent is Consent.UNKNOWN else str(consent)
        self._outbox.database.write(lambda connection: ledger.set_fact(connection, facts.CONSENT, value, now))
        if consent is Consent.REFUSED:
            self._outbox.refuse_all_waiting()


def _kind(name: str) -> NoticeKind:
    try:
        return KINDS[name]
    except KeyError:
        raise UsageError(f"There is no notice named {name}: use one of {', '.join(KINDS)}.") from None

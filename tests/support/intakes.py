"""Builders of what the collector puts into the intake."""

from typing import Any

from crashdesk.server.intake.queue import NewIntake

EVENT_ID = "0123456789abcdef0123456789abcdef"


def new_intake(body: bytes, **changes: Any) -> NewIntake:
    """Return an accepted body with believable facts beside it."""
    facts: dict[str, Any] = {
        "project_id": 1,
        "key_id": 1,
        "received_at": 1_790_000_000.25,
        "envelope_id": EVENT_ID,
        "encoding": "",
        "route": "envelope",
        "remote": "127.0.0.1",
    }
    return NewIntake(**{**facts, **changes}, body=body)


def envelope_bytes(event_id: str | None = EVENT_ID, dsn: str | None = None) -> bytes:
    """Return an envelope with one small event."""
    fields = [f'"event_id":"{event_id}"'] * bool(event_id) + [f'"dsn":"{dsn}"'] * bool(dsn)
    return b"{%s}\n" % ",".join(fields).encode() + b'{"type":"event"}\n{"message":"hello"}\n'

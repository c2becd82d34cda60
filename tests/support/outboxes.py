"""Builders of reports and outboxes."""

import json
from pathlib import Path
from uuid import uuid4

from crashdesk.clock import FrozenClock
from crashdesk.outbox.quota import Caps
from crashdesk.outbox.store import NewReport, Outbox, State

DSN = "http://publickey@127.0.0.1:9/7"
ROOMY = Caps(reports=100_000, size_bytes=200_000_000, age_days=90)


def envelope_bytes(event_id: str, words: str = "hello") -> bytes:
    item = json.dumps({"event_id": event_id, "message": words}).encode()
    header = json.dumps({"event_id": event_id}).encode()
    return header + b"\n" + json.dumps({"type": "event", "length": len(item)}).encode() + b"\n" + item + b"\n"


def new_report(event_id: str = "", *, state: State = State.READY, words: str = "hello", **changes: object) -> NewReport:
    """Build a crash; `changes` replaces any field."""
    event_id = event_id or uuid4().hex
    fields = {
        "event_id": event_id,
        "kind": "python",
        "category": "error",
        "title": "ValueError: no such page",
        "likeness": "1-" + event_id[:16],
        "envelope": envelope_bytes(event_id, words),
        "dsn": DSN,
        "state": state,
        "product": "Fieldbook",
        "release": "2.4.0",
    }
    return NewReport(**{**fields, **changes})


def feedback_report(**changes: object) -> NewReport:
    return new_report(**{"kind": "feedback", "category": "feedback", "title": "Feedback", **changes})


def open_outbox(directory: Path, clock: FrozenClock | None = None, caps: Caps = ROOMY) -> Outbox:
    return Outbox.open(directory, clock=clock or FrozenClock(), caps=caps)

"""Reports as the collector hands them over: envelopes in a real intake, and a worker that takes them forward."""

from pathlib import Path
from typing import Any
from uuid import uuid4

from crashdesk.protocol.envelope import Envelope, Item
from crashdesk.server.events.queries import intake_position
from crashdesk.server.events.services import move_intake_position
from crashdesk.server.intake.embedded import EmbeddedIntake
from crashdesk.server.intake.queue import IntakeRow, IntakeWriter, NewIntake
from crashdesk.server.intake.reading import ENVELOPE
from crashdesk.server.processor.recovery import Notes
from crashdesk.server.processor.worker import Worker
from support.drafts import RECEIVED_AT


def an_envelope(*items: Item, event_id: str | None = None, **headers: Any) -> Envelope:
    """Build an envelope with these items; it gets an id unless one is named."""
    return Envelope({"event_id": event_id or uuid4().hex, **headers}, list(items))


def event_item(payload: dict[str, Any]) -> Item:
    return Item.from_json("event", payload)


def a_row(envelope: Envelope | bytes, **more: Any) -> IntakeRow:
    """Build a row of the intake that holds `envelope`, or bytes that are none."""
    new = a_new_row(envelope, **more)
    return IntakeRow(**{name: getattr(new, name) for name in NewIntake.__slots__}, position=more.get("position", 1))


def a_new_row(envelope: Envelope | bytes, **more: Any) -> NewIntake:
    fields = {
        "project_id": 1,
        "key_id": 1,
        "received_at": RECEIVED_AT.timestamp(),
        "encoding": "",
        "route": ENVELOPE,
        "remote": "192.0.2.7",
        "envelope_id": envelope.event_id if isinstance(envelope, Envelope) else None,
        "body": envelope.to_bytes() if isinstance(envelope, Envelope) else envelope,
        **{name: value for name, value in more.items() if name != "position"},
    }
    return NewIntake(**fields)


class Intake:
    """A real intake in a directory, with the worker that processes it."""

    def __init__(self, directory: Path, project_id: int) -> None:
        self.path = directory / "intake.sqlite"
        self.project_id = project_id
        self._writer = IntakeWriter.open(self.path)
        self.queue = EmbeddedIntake(self.path, intake_position, move_intake_position)
        self.worker = Worker(self.queue, Notes())

    def add(self, *envelopes: Envelope | bytes, **more: Any) -> None:
        """Accept reports, as the collector does."""
        self._writer.append([a_new_row(one, **{"project_id": self.project_id, **more}) for one in envelopes])

    def process(self, *envelopes: Envelope | bytes, **more: Any) -> None:
        """Accept reports and process all that wait."""
        if envelopes:
            self.add(*envelopes, **more)
        while self.worker.step():
            pass

    def waiting(self) -> int:
        return self.queue.waiting()

    def close(self) -> None:
        self.queue.close()
        self._writer.close()

"""Posts reports to a real server as clients do, and waits until they are stored."""

from datetime import datetime
from typing import Any

from crashdesk.protocol.dsn import Dsn
from crashdesk.protocol.envelope import Envelope, Item, new_event_id
from crashdesk.protocol.feedback import Feedback
from support.servers import Server
from support.story import Told
from support.waiting import until


def envelope_of(told: Told, sent_at: datetime) -> Envelope:
    """Build one report: the event, the files, the user's words."""
    body, event_id = told.body, told.body["event_id"]
    items = [Item.from_json("event", body | {"user": {"id": told.user}})]
    items += [Item.attachment(name, data) for name, data in told.files.items()]
    if told.words:
        words = Feedback(new_event_id(), told.words, associated_event_id=event_id, name="Greta Lind")
        items.append(words.to_item({"timestamp": body["timestamp"], "release": body["release"]}))
    return Envelope({"event_id": event_id, "sent_at": sent_at.isoformat()}, items)


def post(server: Server, envelope: Envelope) -> None:
    """Post an envelope; the server must accept it."""
    dsn = Dsn.parse(server.dsn)
    headers = {"Content-Type": "application/x-sentry-envelope", "X-Sentry-Auth": dsn.auth_header("test/1")}
    path = dsn.envelope_url.removeprefix(dsn.origin)
    status, answer = server.post(path, envelope.to_bytes(), headers)
    assert status == 200, answer


def until_stored(server: Server, events: int) -> dict[str, Any]:
    """Wait until the server has processed everything and stored this many events."""

    def figures() -> dict[str, Any] | None:
        found: Any = server.api("installation/stats/")
        return found if found["events_stored"] >= events and not found["intake_waiting"] else None

    return until(figures, 30, f"{events} events to be stored")

"""The client report that tells a server what was given up on this machine, and why."""

from collections.abc import Iterable
from datetime import datetime

from crashdesk.outbox.reports import CLIENT_REPORT, NewReport, State
from crashdesk.outbox.store import Drops
from crashdesk.protocol.envelope import Envelope, Item, new_event_id


def client_report(dsn: str, drops: Iterable[Drops], now: datetime) -> NewReport:
    """Build the report; it names reasons, categories and numbers, nothing of the reports themselves."""
    event_id = new_event_id()
    discarded = [{"reason": drop.reason, "category": drop.category, "quantity": drop.quantity} for drop in drops]
    item = Item.from_json(CLIENT_REPORT, {"timestamp": now.timestamp(), "discarded_events": discarded})
    return NewReport(
        event_id=event_id,
        kind=CLIENT_REPORT,
        category="internal",
        title="What was given up",
        likeness="",
        envelope=Envelope({"event_id": event_id}, [item]).to_bytes(),
        dsn=dsn,
        state=State.READY,
    )

"""The client report that tells a server what was given up on this machine, and why."""

from collections.abc import Iterable
from datetime import datetime

from crashdesk.outbox.reports import CLIENT_REPORT, NewReport, State
from crashdesk.outbox.store import Drops
from crashdesk.protocol.envelope import Envelope, new_event_id
from crashdesk.protocol.outcomes import ClientReport, Discard


def client_report(dsn: str, drops: Iterable[Drops], now: datetime) -> NewReport:
    """Build the report; it names reasons, categories and numbers, nothing of the reports themselves."""
    event_id = new_event_id()
    discarded = tuple(Discard(drop.reason, drop.category, drop.quantity) for drop in drops)
    item = ClientReport(discarded, now).to_item()
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

"""Builders of drafts as the processor's rules get them."""

from datetime import UTC, datetime
from typing import Any

from crashdesk.server.processor.draft import EVENT, Arrival, Draft

RECEIVED_AT = datetime(2026, 3, 2, 12, 30, tzinfo=UTC)
EVENT_ID = "a" * 32


def a_draft(payload: dict[str, Any] | None = None, *, item: str = EVENT, **arrival: Any) -> Draft:
    """Build a draft that arrived at RECEIVED_AT; further arguments say more about its arrival."""
    came = Arrival(**{"project_id": 1, "received_at": RECEIVED_AT, **arrival})
    return Draft(item, EVENT_ID, came, {} if payload is None else payload, RECEIVED_AT)

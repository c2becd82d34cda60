"""sentry-sdk's transport into our outbox: called on the capturing thread, done when the report is on the disk."""

from collections.abc import Callable
from typing import Any

from sentry_sdk.envelope import Envelope
from sentry_sdk.envelope import Item as SentryItem
from sentry_sdk.transport import Transport

from crashdesk.protocol.envelope import Item
from crashdesk.sdk import guard
from crashdesk.sdk.losses import VETOED, Losses


class OutboxTransport(Transport):
    """Hands the items of each envelope over; nothing is sent from here."""

    def __init__(self, keep: Callable[[list[Item], str | None], None], losses: Losses, dsn: str | None) -> None:
        super().__init__({"dsn": dsn})
        self._keep = keep
        self._losses = losses
        self._dsn = dsn

    def capture_envelope(self, envelope: Envelope) -> None:
        with guard.inside("transport"):
            self._keep([_ours(item) for item in envelope.items], self._dsn)

    def record_lost_event(
        self, reason: str, data_category: Any = None, item: SentryItem | None = None, *, quantity: int = 1
    ) -> None:
        """Count what sentry-sdk itself gives up; what the product's own check stopped is counted where it is asked."""
        category = data_category or (item.data_category if item is not None else "error")
        if reason != VETOED:
            self._losses.add(reason, str(category), quantity)


def _ours(item: SentryItem) -> Item:
    payload = item.get_bytes()
    headers = {name: value for name, value in item.headers.items() if value is not None}
    return Item({**headers, "length": len(payload)}, payload)

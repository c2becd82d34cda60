"""sentry-sdk's transport into our outbox: called on the capturing thread, done when the report is on the disk."""

from collections.abc import Callable
from typing import Any

from sentry_sdk.envelope import Envelope
from sentry_sdk.envelope import Item as SentryItem
from sentry_sdk.transport import Transport

from crashdesk.protocol.envelope import Item
from crashdesk.sdk import guard


class OutboxTransport(Transport):
    """Hands the items of each envelope over; nothing is sent from here."""

    def __init__(
        self, keep: Callable[[list[Item], str | None], None], dsn: str | None, options: dict[str, Any] | None
    ) -> None:
        super().__init__({**(options or {}), "dsn": dsn})
        self._keep = keep
        self._dsn = dsn

    def capture_envelope(self, envelope: Envelope) -> None:
        with guard.inside("transport"):
            self._keep([_ours(item) for item in envelope.items], self._dsn)


def _ours(item: SentryItem) -> Item:
    payload = item.get_bytes()
    headers = {name: value for name, value in item.headers.items() if value is not None}
    return Item({**headers, "length": len(payload)}, payload)

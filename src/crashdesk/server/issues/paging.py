"""Cursors of the issue list: where the next page begins, as a word that addresses can carry."""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime

import orjson

from crashdesk.errors import UsageError


@dataclass(frozen=True, slots=True)
class Sort:
    """One order of the list: the column that leads, highest first; the issue's id decides between equals."""

    name: str
    column: str
    description: str


SORTS: dict[str, Sort] = {
    sort.name: sort
    for sort in (
        Sort("last_seen", "last_seen_at", "last seen first"),
        Sort("first_seen", "first_seen_at", "newest issue first"),
        Sort("events", "event_count", "most events first"),
        Sort("users", "user_count", "most users first"),
    )
}


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last row of a page: the next page holds what comes behind it."""

    value: datetime | int
    id: int

    def to_text(self) -> str:
        value = self.value.isoformat() if isinstance(self.value, datetime) else self.value
        return base64.urlsafe_b64encode(orjson.dumps([value, self.id])).decode().rstrip("=")

    @classmethod
    def from_text(cls, text: str, sort: Sort) -> "Cursor":
        """Read what `to_text` wrote for a list in this order; raises UsageError for anything else."""
        try:
            value, row_id = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            is_time = sort.column.endswith("_at")
            return cls(datetime.fromisoformat(value) if is_time else int(value), int(row_id))
        except (binascii.Error, ValueError, TypeError) as error:
            raise UsageError("This cursor belongs to no page of this list: begin again at the first page.") from error

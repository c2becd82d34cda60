"""Tags of an event: the client's own, and those that follow from the event, for search and for what is unusual."""

from collections.abc import Iterator

from crashdesk.protocol import foreign
from crashdesk.protocol.event import EventView
from crashdesk.server.processor.draft import Draft

NAME = "tags"
KEY_LIMIT, VALUE_LIMIT = 200, 200
MOST_TAGS = 60


def apply(draft: Draft) -> None:
    """Set `tags`: one value a key, keys and values within their columns, blank ones left out."""
    found: dict[str, str] = {}
    for key, value in _all(draft):
        name, text = _cut(key, KEY_LIMIT), _cut(value, VALUE_LIMIT)
        if name and text:
            found.setdefault(name, text)
    draft.tags = list(found.items())[:MOST_TAGS]


def _all(draft: Draft) -> Iterator[tuple[str, str]]:
    """Yield our own first, as a client must not hide them, then the client's, then the facts of the snapshot."""
    event = EventView(draft.payload)
    yield "level", draft.level
    yield "release", draft.release
    yield "environment", draft.environment
    if event.handled is not None:
        yield "handled", "yes" if event.handled else "no"
    if event.exceptions:
        yield "mechanism", foreign.text(event.exceptions[-1].mechanism.get("type")) or ""
    yield "dist", event.dist or ""
    yield "logger", event.logger or ""
    yield from event.tags
    yield from draft.facts


def _cut(text: str, limit: int) -> str:
    return " ".join(text.split())[:limit]

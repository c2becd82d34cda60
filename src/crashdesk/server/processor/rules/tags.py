"""Tags of an event: the client's own, and those that follow from the event, for search and for what is unusual."""

from collections.abc import Iterator

from crashdesk.protocol import foreign
from crashdesk.protocol.event import EventView
from crashdesk.server.processor.draft import Draft

NAME = "tags"
KEY_LIMIT, VALUE_LIMIT = 200, 200
MOST_TAGS = 60

# tag, context, fields whose texts are joined; what the client tags itself under the same key comes first
FROM_CONTEXTS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("os", "os", ("name", "version")),
    ("os.name", "os", ("name",)),
    ("runtime", "runtime", ("name", "version")),
    ("runtime.name", "runtime", ("name",)),
    ("browser", "browser", ("name", "version")),
    ("device.arch", "device", ("arch",)),
    ("device.model", "device", ("model",)),
    ("qt", "qt", ("version",)),
    ("qt.binding", "qt", ("binding",)),
    ("qt.platform", "qt", ("platform",)),
    ("qt.style", "qt", ("style",)),
    ("locale", "culture", ("locale",)),
    ("timezone", "culture", ("timezone",)),
)


def apply(draft: Draft) -> None:
    """Set `tags`: one value a key, keys and values within their columns, blank ones left out."""
    found: dict[str, str] = {}
    for key, value in _all(draft):
        name, text = _cut(key, KEY_LIMIT), _cut(value, VALUE_LIMIT)
        if name and text:
            found.setdefault(name, text)
    draft.tags = list(found.items())[:MOST_TAGS]


def _all(draft: Draft) -> Iterator[tuple[str, str]]:
    """Yield our own first, as a client must not hide them, then the client's, then what follows from contexts."""
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
    for key, context, fields in FROM_CONTEXTS:
        texts = [foreign.text(event.context(context).get(name)) or "" for name in fields]
        if texts[0]:
            yield key, " ".join(text for text in texts if text)


def _cut(text: str, limit: int) -> str:
    return " ".join(text.split())[:limit]

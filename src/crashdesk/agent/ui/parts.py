"""The parts of one report as a person understands them, their sizes, and the report without some of them.

Every byte of an envelope belongs to exactly one part, so that what the preview shows is what would leave. What is
switched off is cut from the event itself; an envelope nobody touched keeps its bytes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from crashdesk.protocol import jsontext
from crashdesk.protocol.envelope import Envelope, Item


@dataclass(frozen=True, slots=True)
class PartKind:
    """A row of the table: which keys and contexts of an event a person takes for one thing."""

    key: str
    keys: frozenset[str] = frozenset()
    contexts: frozenset[str] = frozenset()
    is_needed: bool = False


EVENT_PARTS = (
    PartKind(
        "error",
        frozenset({"exception", "message", "logentry", "level", "culprit", "debug_meta", "stacktrace"}),
        is_needed=True,
    ),
    PartKind("steps", frozenset({"breadcrumbs"})),
    PartKind(
        "computer",
        contexts=frozenset({"os", "device", "culture", "screens", "display_session", "environment_variables"}),
    ),
    PartKind(
        "program",
        frozenset({"modules"}),
        frozenset({"app", "runtime", "qt", "process", "gui", "distributions"}),
    ),
    PartKind("threads", frozenset({"threads"})),
    PartKind("person", frozenset({"user"})),
    PartKind("facts", frozenset({"tags", "extra", "request"})),
    PartKind(
        "report",
        frozenset(
            {
                "event_id",
                "timestamp",
                "start_timestamp",
                "received",
                "platform",
                "type",
                "sdk",
                "logger",
                "transaction",
                "release",
                "dist",
                "environment",
                "fingerprint",
                "version",
                "server_name",
            }
        ),
        frozenset({"crashdesk", "trace", "feedback"}),
        is_needed=True,
    ),
)
"""In the order in which they are shown; what no row names goes with the facts."""

_OTHERS = "facts"
_BY_KEY = {key: kind.key for kind in EVENT_PARTS for key in kind.keys}
_BY_CONTEXT = {name: kind.key for kind in EVENT_PARTS for name in kind.contexts}
NEEDED = frozenset({"words", *(kind.key for kind in EVENT_PARTS if kind.is_needed)})
EVENT_LIKE = frozenset({"event", "feedback"})


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that would be sent: `content` is JSON for facts and bytes for a file."""

    key: str
    size_bytes: int
    content: Any
    filename: str = ""
    content_type: str = ""

    @property
    def is_needed(self) -> bool:
        """Whether there is no report without it."""
        return self.key in NEEDED

    @property
    def is_file(self) -> bool:
        return self.key.startswith("file:")

    @property
    def is_picture(self) -> bool:
        return self.is_file and is_picture(self.filename, self.content_type)


def is_picture(filename: str, content_type: str) -> bool:
    """Return whether an attachment is a picture that the windows can show."""
    return content_type in {"image/png", "image/jpeg", "image/webp"} or filename.lower().endswith(
        (".png", ".jpg", ".jpeg", ".webp")
    )


def split_event(payload: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the event cut into its parts by name; together they hold each value once."""
    found: dict[str, dict[str, Any]] = {}
    for key, value in payload.items():
        if key == "contexts" and isinstance(value, dict):
            for name, context in value.items():
                part = found.setdefault(_BY_CONTEXT.get(name, _OTHERS), {})
                part.setdefault("contexts", {})[name] = context
        else:
            found.setdefault(_BY_KEY.get(key, _OTHERS), {})[key] = value
    return found


def parts(envelope: Envelope) -> list[Part]:
    """Return everything that would be sent, in the order in which it is shown."""
    order = {"words": 0} | {kind.key: number for number, kind in enumerate(EVENT_PARTS, 1)}
    found = [part for number, item in enumerate(envelope.items) for part in _item_parts(number, item, envelope)]
    return sorted(found, key=lambda part: order.get(part.key, len(order)))


def _item_parts(number: int, item: Item, envelope: Envelope) -> Iterator[Part]:
    payload = _object(item)
    if item.type == "attachment":
        name, kind = str(item.headers.get("filename", "")), str(item.headers.get("content_type", ""))
        yield Part(f"file:{number}", len(item.payload), item.payload, name, kind)
    elif item.type == "feedback" and payload is not None and any(other.type == "event" for other in envelope.items):
        yield Part("words", len(item.payload), payload)
    elif item.type in EVENT_LIKE and payload is not None:
        for key, content in _split(item, payload).items():
            yield Part(key, json_size(content), content)
    else:
        yield Part(f"item:{number}", len(item.payload), payload if payload is not None else item.payload, item.type)


def _split(item: Item, payload: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the parts of an event; of a feedback, what identifies it goes with its words."""
    found = split_event(payload)
    if item.type != "feedback":
        return found
    words: dict[str, Any] = {}
    for key in ("error", "report"):
        part = found.pop(key, {})
        words |= part | {"contexts": {**words.get("contexts", {}), **part.get("contexts", {})}}
    return {"words": words, **found}


def _object(item: Item) -> dict[str, Any] | None:
    try:
        value = jsontext.read(item.payload)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def json_size(value: Any) -> int:
    """Return the bytes that a JSON value takes in an envelope."""
    return len(jsontext.write(value))


def file_keys(envelope: Envelope, *, only_pictures: bool = False) -> frozenset[str]:
    """Return the keys of the files in an envelope."""
    return frozenset(part.key for part in parts(envelope) if part.is_picture or (part.is_file and not only_pictures))


def names(value: Any) -> frozenset[str]:
    """Return part keys that were remembered; odd values count as none."""
    return frozenset(entry for entry in value if isinstance(entry, str)) if isinstance(value, list) else frozenset()


def without(envelope: Envelope, removed: frozenset[str], pictures: Mapping[str, bytes] | None = None) -> Envelope:
    """Return the envelope without the parts named; `pictures` replace the bytes of files that were blacked out."""
    changed = pictures or {}
    items = []
    for number, item in enumerate(envelope.items):
        key = f"file:{number}"
        if key in removed or f"item:{number}" in removed:
            continue
        if key in changed:
            items.append(_with_bytes(item, changed[key]))
        else:
            items.append(_cut(item, removed - NEEDED) if item.type in EVENT_LIKE else item)
    if all(new is old for new, old in zip(items, envelope.items, strict=False)) and len(items) == len(envelope.items):
        return envelope
    return replace(envelope, items=items)


def _with_bytes(item: Item, data: bytes) -> Item:
    kind = item.headers.get("attachment_type")
    return Item.attachment(str(item.headers.get("filename", "")), data, content_type="image/png", attachment_type=kind)


def _cut(item: Item, removed: frozenset[str]) -> Item:
    payload = _object(item)
    if payload is None:
        return item
    kept = {
        key: value for key, value in payload.items() if key == "contexts" or _BY_KEY.get(key, _OTHERS) not in removed
    }
    contexts = payload.get("contexts")
    if isinstance(contexts, dict):
        kept["contexts"] = {
            name: value for name, value in contexts.items() if _BY_CONTEXT.get(name, _OTHERS) not in removed
        }
        if contexts and not kept["contexts"]:
            del kept["contexts"]
    if kept == payload:
        return item
    headers = {name: value for name, value in item.headers.items() if name not in {"type", "length"}}
    return Item.from_json(item.type, kept, **headers)

"""Gives every part of an event the one form that readers may count on; a part of a wrong type is dropped and noted.

Clients differ: chains of exceptions, threads and trails come as lists or under ``values``, tags as an object or as
pairs, old clients use other names. A wrong field never costs the report.
"""

from collections.abc import Callable, Mapping
from typing import Any

from crashdesk.protocol import foreign
from crashdesk.protocol.event import EventView
from crashdesk.server.processor.draft import Draft

NAME = "shape"
OUTER_FRAMES, INNER_FRAMES = 50, 200
MOST_EXCEPTIONS, MOST_THREADS, MOST_BREADCRUMBS, MOST_TAGS = 50, 256, 250, 100
OLD_NAMES = {
    "sentry.interfaces.Exception": "exception",
    "sentry.interfaces.Message": "logentry",
    "sentry.interfaces.Stacktrace": "stacktrace",
    "sentry.interfaces.User": "user",
    "sentry.interfaces.Http": "request",
    "sentry.interfaces.Breadcrumbs": "breadcrumbs",
}

Read = Callable[[Any], Any]


def apply(draft: Draft) -> None:
    """Replace the payload by one whose parts all have their form."""
    shaped: dict[str, Any] = {}
    for given, value in draft.payload.items():
        name = OLD_NAMES.get(given, given)
        read = FIELDS.get(name)
        found = read(value) if read and value is not None else value
        if found is None and value is not None:
            draft.note(NAME, "dropped", field=name)
        elif name not in shaped or name == given:
            shaped[name] = found
    shaped["event_id"] = draft.id
    shaped["level"] = EventView(draft.payload).level
    draft.payload = shaped


def _text(value: Any) -> str | None:
    """Return text, empty text too: it is no wrong type."""
    return value if isinstance(value, str) else foreign.text(value)


def _mapping(value: Any) -> dict[str, Any] | None:
    return value if isinstance(value, dict) else None


def _texts(value: Any) -> list[str] | None:
    if not isinstance(value, list):
        return None
    return value if set(map(type, value)) <= {str} else [foreign.text(entry) or "" for entry in value]


def _text_mapping(value: Any) -> dict[str, str] | None:
    if not isinstance(value, dict):
        return None
    return {key: foreign.text(entry) or "" for key, entry in value.items()}


def _contexts(value: Any) -> dict[str, Any] | None:
    if not isinstance(value, dict):
        return None
    return {name: entry for name, entry in value.items() if isinstance(entry, dict)}


def _time(value: Any) -> Any:
    return value if foreign.moment(value) is not None else None


def _tags(value: Any) -> list[list[str]] | None:
    if not isinstance(value, dict | list):
        return None
    return [[key, text] for key, text in foreign.pairs(value)[:MOST_TAGS]]


def _message(value: Any) -> Any:
    """Keep a message as text; raven sends an object in its place."""
    return value if isinstance(value, dict) else _text(value)


def _fields(entry: Mapping[str, Any], reads: Mapping[str, Read]) -> dict[str, Any]:
    """Read the named fields of an object and keep its others; what is of a wrong type is left out."""
    found = {name: reads[name](value) if name in reads else value for name, value in entry.items()}
    return {name: value for name, value in found.items() if value is not None or entry[name] is None}


def _values(reads: Mapping[str, Read], most: int) -> Read:
    """Return a reader of a list of objects, bare or under ``values``, that keeps the last `most`."""

    def read(value: Any) -> dict[str, Any] | None:
        if not isinstance(value, dict | list):
            return None
        return {"values": [_fields(entry, reads) for entry in foreign.mappings(value)[-most:]]}

    return read


def _stacktrace(value: Any) -> dict[str, Any] | None:
    if not isinstance(value, dict):
        return None
    frames = [entry for entry in foreign.sequence(value.get("frames")) if isinstance(entry, dict)]
    if len(frames) > OUTER_FRAMES + INNER_FRAMES:
        value = {**value, "frames_omitted": [OUTER_FRAMES, len(frames) - INNER_FRAMES]}
        frames = frames[:OUTER_FRAMES] + frames[-INNER_FRAMES:]
    return {**value, "frames": [_fields(frame, _FRAME) for frame in frames]}


_FRAME: dict[str, Read] = {
    **dict.fromkeys(("filename", "abs_path", "module", "function", "package", "context_line"), _text),
    **dict.fromkeys(("lineno", "colno"), foreign.whole),
    **dict.fromkeys(("pre_context", "post_context"), _texts),
    "in_app": foreign.truth,
    "vars": _mapping,
}
_EXCEPTION: dict[str, Read] = {
    **dict.fromkeys(("type", "value", "module"), _text),
    "stacktrace": _stacktrace,
    "mechanism": _mapping,
}
_THREAD: dict[str, Read] = {
    **dict.fromkeys(("id", "name"), _text),
    **dict.fromkeys(("crashed", "current"), foreign.truth),
    "stacktrace": _stacktrace,
}
_BREADCRUMB: dict[str, Read] = {
    **dict.fromkeys(("type", "category", "message", "level"), _text),
    "timestamp": _time,
    "data": _mapping,
}

FIELDS: dict[str, Read] = {
    **dict.fromkeys(
        ("release", "dist", "environment", "transaction", "logger", "platform", "server_name", "culprit"), _text
    ),
    **dict.fromkeys(("user", "sdk", "request", "extra", "logentry", "debug_meta"), _mapping),
    "message": _message,
    "timestamp": _time,
    "fingerprint": _texts,
    "modules": _text_mapping,
    "contexts": _contexts,
    "tags": _tags,
    "stacktrace": _stacktrace,
    "exception": _values(_EXCEPTION, MOST_EXCEPTIONS),
    "threads": _values(_THREAD, MOST_THREADS),
    "breadcrumbs": _values(_BREADCRUMB, MOST_BREADCRUMBS),
}

"""The event that a crash handler sends beside a dump, in the fields and files of its form: pure functions.

It comes as JSON in ``sentry`` (or in pieces ``sentry__1``, ``sentry__2`` …), as ``sentry[release]`` or
``sentry[tags][key]``, and from native clients as MessagePack in files of their own. Other fields are extra data.
"""

import re
from collections.abc import Mapping
from typing import Any

from crashdesk.protocol import foreign
from crashdesk.server.processor.dumps import msgpack
from crashdesk.server.processor.payloads import UnreadableItem, read_object

EVENT_FILE, TRAIL_FILES = "__sentry-event", ("__sentry-breadcrumb1", "__sentry-breadcrumb2")
MOST_DEPTH, MOST_PIECES, MOST_BREADCRUMBS = 10, 200, 250
_PIECE = re.compile(r"sentry__([0-9]{1,3})")
_BRACKETS = re.compile(r"sentry((?:\[[^\[\]]{0,200}\])+)")


def event_of(fields: Mapping[str, str], files: Mapping[str, bytes]) -> tuple[dict[str, Any], list[str]]:
    """Return the event, and the names of those fields and files that could not be read."""
    problems: list[str] = []
    event = _packed_event(files, problems)
    event |= _json_event(fields, problems)
    extra: dict[str, Any] = {}
    for name, text in fields.items():
        found = _BRACKETS.fullmatch(name)
        if found:
            _put(event, found.group(1)[1:-1].split("]["), text)
        elif name != "sentry" and not _PIECE.fullmatch(name):
            extra[name] = text
    if extra:
        event["extra"] = extra | dict(foreign.mapping(event.get("extra")))
    return event, problems


def _json_event(fields: Mapping[str, str], problems: list[str]) -> dict[str, Any]:
    """Read the JSON in one field or in its numbered pieces."""
    numbered = {int(found.group(1)): name for name in fields if (found := _PIECE.fullmatch(name))}
    pieces = [fields[numbered[number]] for number in sorted(numbered)[:MOST_PIECES]]
    text = fields.get("sentry", "") + "".join(pieces)
    if not text.strip():
        return {}
    try:
        return read_object(text.encode("utf-8", "replace"))
    except UnreadableItem:
        problems.append("sentry")
        return {}


def _packed_event(files: Mapping[str, bytes], problems: list[str]) -> dict[str, Any]:
    events = [value for value in _unpacked(files, EVENT_FILE, problems) if isinstance(value, dict)]
    trail = [value for name in TRAIL_FILES for value in _unpacked(files, name, problems) if isinstance(value, dict)]
    event: dict[str, Any] = events[0] if events else {}
    if trail:  # two files written in turns: which of them is the older one, only their times tell
        trail.sort(key=lambda entry: foreign.text(entry.get("timestamp")) or "")
        event["breadcrumbs"] = trail[-MOST_BREADCRUMBS:]
    return event


def _unpacked(files: Mapping[str, bytes], name: str, problems: list[str]) -> list[Any]:
    try:
        return msgpack.read_all(files.get(name, b""))
    except ValueError:
        problems.append(name)
        return []


def _put(event: dict[str, Any], path: list[str], text: str) -> None:
    """Put `text` where the brackets lead; a place that holds something else is replaced."""
    for name in path[: MOST_DEPTH - 1][:-1]:
        below = event.get(name)
        if not isinstance(below, dict):
            below = event[name] = {}
        event = below
    event[path[: MOST_DEPTH - 1][-1]] = text

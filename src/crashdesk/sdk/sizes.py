"""Bounds of one event: what is shortened first when a report has grown too large; pure."""

import json
from collections.abc import Callable
from typing import Any

Event = dict[str, Any]

MOST_EVENT_BYTES = 900_000
BREADCRUMBS_KEPT = 30
TEXT_CHARACTERS = 2_000


def fitted(event: Event) -> Event:
    """Return the event, with its largest and least telling parts shortened until it is small enough."""
    for shorten in (_nothing, _fewer_breadcrumbs, _no_locals, _no_extra, _shorter_texts):
        event = shorten(event)
        if len(json.dumps(event, default=str)) <= MOST_EVENT_BYTES:
            return event
    return {name: part for name, part in event.items() if name in _SMALLEST and part is not None}


_SMALLEST = frozenset({"event_id", "timestamp", "level", "platform", "release", "environment", "exception", "message"})


def _nothing(event: Event) -> Event:
    return event


def _fewer_breadcrumbs(event: Event) -> Event:
    crumbs = event.get("breadcrumbs")
    values = crumbs.get("values") if isinstance(crumbs, dict) else None
    if not isinstance(values, list):
        return event
    return {**event, "breadcrumbs": {"values": _each_text(values[-BREADCRUMBS_KEPT:], _cut)}}


def _no_locals(event: Event) -> Event:
    return {**event, "exception": _without(event.get("exception"), "vars"), "threads": None}


def _no_extra(event: Event) -> Event:
    return {name: part for name, part in event.items() if name not in {"extra", "modules", "request"}}


def _shorter_texts(event: Event) -> Event:
    shortened: Event = _each_text(event, _cut)
    return shortened


def _cut(text: str) -> str:
    return text if len(text) <= TEXT_CHARACTERS else f"{text[:TEXT_CHARACTERS]}… ({len(text)} characters)"


def _without(value: Any, key: str) -> Any:
    """Return the value without `key` in any of its objects."""

    def drop(part: Any) -> Any:
        return {name: content for name, content in part.items() if name != key} if isinstance(part, dict) else part

    return _rebuilt(value, drop, str)


def _each_text(value: Any, change: Callable[[str], str]) -> Any:
    return _rebuilt(value, lambda part: part, change)


def _rebuilt(value: Any, on_part: Callable[[Any], Any], on_text: Callable[[str], str]) -> Any:
    """Rebuild a JSON value of any depth without recursion."""
    top: list[Any] = [value]
    work: list[tuple[Any, Any]] = [(top, 0)]
    while work:
        holder, place = work.pop()
        part = on_part(holder[place])
        if isinstance(part, str):
            part = on_text(part)
        elif isinstance(part, dict):
            part = dict(part)
            work.extend((part, name) for name in part)
        elif isinstance(part, list):
            part = list(part)
            work.extend((part, number) for number in range(len(part)))
        holder[place] = part
    return top[0]

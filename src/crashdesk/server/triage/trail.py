"""The trail as sentences: what was done before the failure, oldest first, each with its distance in time."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crashdesk.protocol import foreign
from crashdesk.protocol.trail import REPEATED
from crashdesk.server.grouping.reading import mapping, text, values
from crashdesk.server.triage import ages, repeats

MAX_STEPS = 150
MOST_UNFOLDED = 25  # a trail up to here is shown whole
LAST_STEPS = 20  # of a longer one, what stays in sight
_EMPHASIS = re.compile(r"\*([^*\n]{1,200})\*")
_LIMIT = 600
_FIRST_YEAR, _LAST_YEAR = 1990, 2200


@dataclass(frozen=True, slots=True)
class Step:
    """One breadcrumb: when, relative to the event; pieces of text, of which some are names; and how to mark it."""

    when: str
    exact: str
    pieces: list[tuple[str, bool]]
    shape: str
    colour: str
    data: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Trail:
    """The steps before the failure: the last ones, those that fold, and how many are left out before them."""

    last: list[Step]
    earlier: list[Step]
    left_out: int


_MARKS: dict[str, tuple[str, str]] = {
    "fatal": ("dot", "red"),
    "error": ("dot", "red"),
    "warning": ("triangle", "amber"),
    "debug": ("ring", "grey"),
}


def trail(event: Mapping[str, Any], happened_at: datetime) -> Trail:
    """Return the trail of an event, equal steps merged and a long one folded."""
    told = repeats.told_once(values(event.get("breadcrumbs")))
    shown = [_step(crumb, note, happened_at) for crumb, note in told[-MAX_STEPS:]]
    folded = len(shown) - LAST_STEPS if len(shown) > MOST_UNFOLDED else 0
    return Trail(last=shown[folded:], earlier=shown[:folded], left_out=max(len(told) - MAX_STEPS, 0))


def _step(entry: Mapping[str, Any], note: str, happened_at: datetime) -> Step:
    moment = moment_of(entry.get("timestamp"))
    data = dict(mapping(entry.get("data")))
    data.pop(REPEATED, None)  # the note says it
    words = _sentence(entry, data)[:_LIMIT] + note
    shape, colour = _MARKS.get(text(entry.get("level")), ("dot", "grey") if _is_action(entry) else ("ring", "grey"))
    return Step(
        when=ages.before(moment, happened_at),
        exact=ages.exact(moment) if moment else "",
        pieces=_pieces(words),
        shape=shape,
        colour=colour,
        data=[(name[:100], _value(value)) for name, value in list(data.items())[:20]],
    )


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return text(value) or str(value)[:_LIMIT]


def _is_action(entry: Mapping[str, Any]) -> bool:
    return text(entry.get("category")).startswith("ui") or entry.get("type") in {"user", "navigation", "ui"}


def moment_of(value: Any) -> datetime | None:
    """Return a breadcrumb's time, given as seconds since 1970 or as RFC 3339 text."""
    moment = foreign.moment(value)
    return moment if moment is not None and _FIRST_YEAR <= moment.year <= _LAST_YEAR else None


def _http(entry: Mapping[str, Any], data: dict[str, Any]) -> str:
    status = text(data.pop("status_code", None))
    answer = f" and got {status}" if status else ""
    return f"asked {text(data.pop('method', 'GET'))} {text(data.pop('url', '')) or text(entry.get('message'))}{answer}"


def _navigation(entry: Mapping[str, Any], data: dict[str, Any]) -> str:
    start, end = text(data.pop("from", "")), text(data.pop("to", ""))
    return f"went from *{start}* to *{end}*" if start and end else _plain(entry, data)


def _plain(entry: Mapping[str, Any], _data: dict[str, Any]) -> str:
    message, category = text(entry.get("message")), text(entry.get("category"))
    if not message:
        return category or text(entry.get("type")) or "a step without words"
    is_telling = category and not category.startswith("ui") and category not in {"default", "console"}
    return f"{category}: {message}" if is_telling else message


_SENTENCES: dict[str, Callable[[Mapping[str, Any], dict[str, Any]], str]] = {
    "http": _http,
    "navigation": _navigation,
}


def _sentence(entry: Mapping[str, Any], data: dict[str, Any]) -> str:
    return _SENTENCES.get(text(entry.get("type")), _plain)(entry, data)


def _pieces(words: str) -> list[tuple[str, bool]]:
    """Split ``clicked *Remove* in *Books*`` into plain text and names."""
    parts = _EMPHASIS.split(words)
    return [(part, position % 2 == 1) for position, part in enumerate(parts) if part]

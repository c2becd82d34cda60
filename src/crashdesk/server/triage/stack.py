"""Stacks as people read them: the innermost call first, the product's own calls open, runs of libraries folded."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import orjson

from crashdesk.server.grouping import frames as grouping_frames
from crashdesk.server.grouping import reading
from crashdesk.server.grouping.reading import mapping, text

MAX_FRAMES = 200
OPEN_CALLS = 2
MAX_EXCEPTIONS = 20
MAX_VARIABLES = 60
_LINE_LIMIT = 400
_VALUE_LIMIT = 2_000


@dataclass(frozen=True, slots=True)
class Line:
    """One line of source beside its number; `is_failing` marks the one that was running."""

    number: int | None
    text: str
    is_failing: bool


@dataclass(frozen=True, slots=True)
class Call:
    """One frame: what ran, where, in whose code, with the lines around it."""

    function: str
    module: str
    place: str
    is_own: bool
    lines: list[Line]
    variables: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring calls of the product, or of libraries (those are shown folded)."""

    is_own: bool
    calls: list[Call]


@dataclass(frozen=True, slots=True)
class Failure:
    """One exception of a chain: its words, how it came to the reporter, its stack; `left_out` counts unshown calls."""

    type: str
    value: str
    relation: str
    mechanism: str
    is_handled: bool | None
    runs: list[Run]
    left_out: int

    def opened(self) -> list[Call]:
        """Return the calls that are open at first: the innermost of the product, where the reader begins."""
        return [call for run in self.runs if run.is_own for call in run.calls][:OPEN_CALLS]

    @property
    def has_stack(self) -> bool:
        return bool(self.runs)


@dataclass(frozen=True, slots=True)
class Thread:
    """A thread that was alive: its name, whether it failed, and its stack."""

    name: str
    is_crashed: bool
    runs: list[Run]
    left_out: int


def failures(event: Mapping[str, Any]) -> list[Failure]:
    """Return the chain of exceptions, the one that surfaced first, then what caused it."""
    entries = _exception_entries(event)[-MAX_EXCEPTIONS:]
    shown = [_failure(entry, event) for entry in entries]
    return list(reversed(shown))


def threads(event: Mapping[str, Any]) -> list[Thread]:
    """Return threads with a stack, the crashed and the current one first."""
    entries = sorted(reading.values(event.get("threads")), key=_thread_rank)
    return [_thread(entry, event) for entry in entries if mapping(entry.get("stacktrace")).get("frames")]


def _exception_entries(event: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    node = event.get("exception")
    return reading.values([node] if isinstance(node, dict) and "values" not in node else node)


def _thread_rank(entry: Mapping[str, Any]) -> int:
    return 0 if entry.get("crashed") is True else 1 if entry.get("current") is True else 2


def _thread(entry: Mapping[str, Any], event: Mapping[str, Any]) -> Thread:
    runs, left_out = _runs(entry.get("stacktrace"), event)
    name = text(entry.get("name")) or text(entry.get("id"))
    return Thread(name, entry.get("crashed") is True, runs, left_out)


def _failure(entry: Mapping[str, Any], event: Mapping[str, Any]) -> Failure:
    mechanism = mapping(entry.get("mechanism"))
    handled = mechanism.get("handled")
    runs, left_out = _runs(entry.get("stacktrace"), event)
    return Failure(
        type=text(entry.get("type")) or "Error",
        value=text(entry.get("value")),
        relation=_relation(text(mechanism.get("source"))),
        mechanism=text(mechanism.get("type")),
        is_handled=handled if isinstance(handled, bool) else None,
        runs=runs,
        left_out=left_out,
    )


def _relation(source: str) -> str:
    """Say how an exception led to the one shown above it, from Python's chaining attribute."""
    if source == "__cause__":
        return "was the stated cause"
    if source.startswith("exceptions"):
        return "was one of the group"
    return "was being handled when it was raised"


def _runs(stacktrace: Any, event: Mapping[str, Any]) -> tuple[list[Run], int]:
    found = mapping(stacktrace).get("frames")
    entries = [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []
    own = [
        origin is grouping_frames.Origin.OWN for origin in grouping_frames.origins(reading.frames(stacktrace), event)
    ]
    innermost_first = list(zip(entries, own, strict=True))[::-1]
    calls = [_call(entry, is_own=is_own) for entry, is_own in innermost_first[:MAX_FRAMES]]
    runs = [Run(is_own, list(group)) for is_own, group in groupby(calls, key=lambda call: call.is_own)]
    return runs, len(innermost_first) - len(calls)


def _call(entry: Mapping[str, Any], *, is_own: bool) -> Call:
    number = entry.get("lineno")
    path = text(entry.get("filename")) or text(entry.get("abs_path"))
    line = f":{number}" if isinstance(number, int) and not isinstance(number, bool) else ""
    return Call(
        function=text(entry.get("function")) or "?",
        module=text(entry.get("module")),
        place=f"{path[-160:]}{line}" if path else text(entry.get("package"))[-160:],
        is_own=is_own,
        lines=list(_lines(entry, number if line else None)),
        variables=_variables(entry.get("vars")),
    )


def _lines(entry: Mapping[str, Any], number: int | None) -> Iterator[Line]:
    if not isinstance(entry.get("context_line"), str):
        return
    before, after = _texts(entry.get("pre_context"))[-7:], _texts(entry.get("post_context"))[:7]
    everything = list(enumerate([*before, entry["context_line"], *after], -len(before)))
    told = [offset for offset, content in everything if content.strip() or offset == 0]
    for offset, content in everything[told[0] + len(before) : told[-1] + len(before) + 1]:
        yield Line(None if number is None else number + offset, content[:_LINE_LIMIT], offset == 0)


def _texts(node: Any) -> list[str]:
    return [text(line) for line in node] if isinstance(node, list) else []


def _variables(node: Any) -> list[tuple[str, str]]:
    return [(name[:200], written(value)) for name, value in list(mapping(node).items())[:MAX_VARIABLES]]


def written(value: Any) -> str:
    """Return any JSON value as one text of bounded length."""
    return (value if isinstance(value, str) else orjson.dumps(value).decode())[:_VALUE_LIMIT]

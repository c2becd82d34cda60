"""What grouping reads from an event, whatever odd values it holds: exceptions oldest first, and their frames."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

PATH_LIMIT = 500


class Frame(NamedTuple):
    """One call on a stack, as far as grouping looks; `is_marked_own` is what the SDK thought."""

    module: str
    function: str
    path: str
    is_marked_own: bool | None


@dataclass(frozen=True, slots=True)
class Raised:
    """One exception of a chain: frames from the outermost call to the one that raised."""

    type: str
    module: str
    value: str
    frames: tuple[Frame, ...]
    source: str
    id: int | None
    parent_id: int | None
    is_group: bool


def text(value: Any) -> str:
    """Return `value` if it is text, a number as text, and nothing for all else."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def values(node: Any) -> list[Mapping[str, Any]]:
    """Return the mappings of an interface that is either a list or an object with ``values``."""
    found = node.get("values") if isinstance(node, dict) else node
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def exceptions(event: Mapping[str, Any]) -> list[Raised]:
    """Return the chain of exceptions, oldest cause first; empty when the event has none."""
    node = event.get("exception")
    if isinstance(node, dict) and "values" not in node:
        node = [node]
    return [_raised(entry) for entry in values(node)]


def thread_frames(event: Mapping[str, Any]) -> tuple[Frame, ...]:
    """Return the frames of the thread that crashed, else of the current one, else of the only one."""
    threads = values(event.get("threads"))
    chosen = (
        next((thread for thread in threads if thread.get("crashed") is True), None)
        or next((thread for thread in threads if thread.get("current") is True), None)
        or (threads[0] if len(threads) == 1 else {})
    )
    return frames(chosen.get("stacktrace"))


def frames(stacktrace: Any) -> tuple[Frame, ...]:
    found = mapping(stacktrace).get("frames")
    if not isinstance(found, list):
        return ()
    return tuple(_frame(entry) for entry in found if isinstance(entry, dict))


def _frame(entry: Mapping[str, Any]) -> Frame:
    mark = entry.get("in_app")
    path = text(entry.get("abs_path")) or text(entry.get("filename"))
    return Frame(
        text(entry.get("module")),
        text(entry.get("function")),
        path[-PATH_LIMIT:].replace("\\", "/"),
        mark if isinstance(mark, bool) else None,
    )


def _raised(entry: Mapping[str, Any]) -> Raised:
    mechanism = mapping(entry.get("mechanism"))
    own_id, parent_id = mechanism.get("exception_id"), mechanism.get("parent_id")
    return Raised(
        type=text(entry.get("type")),
        module=text(entry.get("module")),
        value=text(entry.get("value")),
        frames=frames(entry.get("stacktrace")),
        source=text(mechanism.get("source")),
        id=own_id if isinstance(own_id, int) else None,
        parent_id=parent_id if isinstance(parent_id, int) else None,
        is_group=mechanism.get("is_exception_group") is True,
    )

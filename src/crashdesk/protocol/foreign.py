"""Typed reads from JSON that anybody may have written: a value of the wrong kind is as good as none, nothing raises."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeGuard

NOTHING: Mapping[str, Any] = {}


def text(value: object) -> str | None:
    """Return text, also for a number or a truth value; None for nothing, an empty text and all else."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, bool):
        return "true" if value else "false"
    return number_text(value) if isinstance(value, int | float) else None


def number_text(value: float) -> str:
    """Write a number; one with more digits than Python writes out becomes its rough size."""
    try:
        return str(value)
    except ValueError:
        return f"about 2^{int(value).bit_length()}"


def is_mapping(value: object) -> TypeGuard[Mapping[str, Any]]:
    """Whether it is an object; JSON makes dictionaries of them, of which asking the abstract class takes long."""
    return type(value) is dict or isinstance(value, Mapping)


def mapping(value: object) -> Mapping[str, Any]:
    return value if is_mapping(value) else NOTHING


def sequence(value: object) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []


def mappings(value: object) -> list[Mapping[str, Any]]:
    """Return the objects in a list, in ``{"values": list}``, or the one object itself."""
    if is_mapping(value) and "values" in value:
        value = value["values"]
    if is_mapping(value):
        return [value]
    return [entry for entry in sequence(value) if is_mapping(entry)]


def whole(value: object) -> int | None:
    """Return a whole number, also from text of digits."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def truth(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def moment(value: object) -> datetime | None:
    """Return an aware time in UTC from seconds since 1970 or ISO text; a text without a zone is UTC."""
    try:
        if isinstance(value, str):
            return _from_text(value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    return None


def _from_text(value: str) -> datetime:
    try:
        at = datetime.fromisoformat(value.strip())
    except ValueError:
        return datetime.fromtimestamp(float(value), UTC)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def pairs(value: object) -> list[tuple[str, str]]:
    """Return name and value of each tag, from an object, a list of pairs or a list of ``{"key", "value"}``."""
    if isinstance(value, Mapping):
        found: list[tuple[Any, Any]] = list(value.items())
    else:
        found = [pair for pair in map(_pair, sequence(value)) if pair is not None]
    texts = [(text(name), text(content)) for name, content in found]
    return [(name, content) for name, content in texts if name is not None and content is not None]


def _pair(entry: object) -> tuple[Any, Any] | None:
    if isinstance(entry, Mapping):
        return entry.get("key"), entry.get("value")
    return (entry[0], entry[1]) if isinstance(entry, list | tuple) and len(entry) == 2 else None

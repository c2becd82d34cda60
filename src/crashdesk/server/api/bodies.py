"""Reads the JSON body of a call and checks it against the shape that the endpoint declares."""

import math
import re
import types
from collections.abc import Callable
from datetime import UTC, datetime
from typing import (
    Annotated,
    Any,
    Literal,
    NotRequired,
    Required,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    is_typeddict,
)

import orjson
from django.http import HttpRequest

from crashdesk.server.api.answers import Refusal
from crashdesk.server.api.schemas import Number, Text, fields_of

Body = TypeVar("Body")

_NAMES = {str: "text", int: "a whole number", float: "a number", bool: "true or false", datetime: "a time (RFC 3339)"}


def read(request: HttpRequest, shape: type[Body]) -> Body:
    """Return the body as `shape` says; fields that it does not name are left out. Raises Refusal (400)."""
    return cast("Body", checked(_json(request), shape, "The body"))


def read_map(request: HttpRequest, shape: type[Body], most: int) -> dict[str, Body]:
    """Return a body that holds one shape under each of its keys, `most` of them; raises Refusal (400)."""
    found = checked(_json(request), dict[str, shape], "The body")  # type: ignore[valid-type]  # a shape is a value here
    if len(found) > most:
        raise Refusal(400, f"Ask for at most {most} at once.")
    return cast("dict[str, Body]", found)


def checked(value: Any, annotation: Any, where: str) -> Any:
    """Return `value` as the annotation wants it; raises Refusal (400) naming `where` for anything else."""
    if annotation is Any:
        return value
    if is_typeddict(annotation):
        return _shape(value, annotation, where)
    origin = get_origin(annotation)
    if origin in _GENERIC:
        return _GENERIC[origin](value, get_args(annotation), where)
    return _plain(value, annotation, where)


def _json(request: HttpRequest) -> Any:
    try:
        return orjson.loads(request.body or b"{}")
    except orjson.JSONDecodeError as error:
        raise Refusal(400, "The body is not JSON.") from error


def _shape(value: Any, shape: Any, where: str) -> dict[str, Any]:
    found = _as(dict, value, where)
    missing = sorted(shape.__required_keys__ - found.keys())
    if missing:
        raise Refusal(400, f"{missing[0]}: this field is required.")
    fields = fields_of(shape)
    return {key: checked(found[key], annotation, key) for key, annotation in fields.items() if key in found}


def _as(kind: type, value: Any, where: str) -> Any:
    if not isinstance(value, kind):
        raise Refusal(400, f"{where}: must be a JSON {'list' if kind is list else 'object'}.")
    return value


def _plain(value: Any, kind: Any, where: str) -> Any:
    if kind in {None, types.NoneType}:
        if value is None:
            return None
        raise Refusal(400, f"{where}: must be null.")
    if kind is datetime:
        return _moment(value, where)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    is_right = is_number and math.isfinite(value) if kind is float else type(value) is kind
    if not is_right or (kind is str and "\x00" in value):
        raise Refusal(400, f"{where}: must be {_NAMES[kind]}.")
    return value


def _moment(value: Any, where: str) -> datetime:
    try:
        found = datetime.fromisoformat(value)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (TypeError, ValueError, OverflowError) as error:
        raise Refusal(400, f"{where}: must be {_NAMES[datetime]}.") from error


def _one_of(value: Any, choices: tuple[Any, ...], where: str) -> Any:
    if not any(type(value) is type(choice) and value == choice for choice in choices):
        raise Refusal(400, f"{where} must be one of {', '.join(map(str, choices))}.")
    return value


def _any_of(value: Any, choices: tuple[Any, ...], where: str) -> Any:
    last: Refusal | None = None
    for choice in sorted(choices, key=lambda kind: kind is not types.NoneType):  # a real reason is the last one
        try:
            return checked(value, choice, where)
        except Refusal as refused:
            last = refused
    raise last or Refusal(400, f"{where}: cannot be read.")


def _within(value: Any, bounds: Text | Number, where: str) -> Any:
    if isinstance(bounds, Number):
        if not bounds.least <= value <= bounds.most:
            raise Refusal(400, f"{where}: must lie between {bounds.least} and {bounds.most}.")
        return value
    if len(value) < bounds.least:
        raise Refusal(400, f"{where}: must have at least {bounds.least} characters.")
    if bounds.most is not None and len(value) > bounds.most:
        raise Refusal(400, f"{where}: must have at most {bounds.most} characters.")
    if bounds.pattern and not re.search(bounds.pattern, value):
        raise Refusal(400, f"{where}: must be of the form {bounds.pattern}.")
    return value


def _list(value: Any, inner: tuple[Any, ...], where: str) -> list[Any]:
    return [checked(entry, inner[0], f"{where}[{place}]") for place, entry in enumerate(_as(list, value, where))]


def _map(value: Any, inner: tuple[Any, ...], where: str) -> dict[str, Any]:
    return {key: checked(entry, inner[1], f"{where}.{key[:50]}") for key, entry in _as(dict, value, where).items()}


_GENERIC: dict[Any, Callable[[Any, tuple[Any, ...], str], Any]] = {
    NotRequired: lambda value, inner, where: checked(value, inner[0], where),
    Required: lambda value, inner, where: checked(value, inner[0], where),
    Annotated: lambda value, inner, where: _within(checked(value, inner[0], where), inner[1], where),
    Literal: _one_of,
    Union: _any_of,
    types.UnionType: _any_of,
    list: _list,
    dict: _map,
}

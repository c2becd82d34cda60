"""JSON shapes, declared once as typed dictionaries: from them come the checks of bodies and the OpenAPI document.

A shape uses ``str``, ``int``, ``float``, ``bool``, ``None``, ``datetime`` (text on the wire), ``Any``, ``Literal``,
unions, ``list[...]``, ``dict[str, ...]``, other shapes, and ``Annotated`` with `Text` or `Number`.
"""

import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import (
    Annotated,
    Any,
    Literal,
    NotRequired,
    Required,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

Schema = dict[str, Any]

_PLAIN: dict[Any, Schema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    None: {"type": "null"},
    types.NoneType: {"type": "null"},
    datetime: {"type": "string", "format": "date-time"},
    Any: {},
}


@dataclass(frozen=True, slots=True)
class Text:
    """Bounds on a text: its length in characters, the pattern that it matches as a whole, its format's name."""

    most: int | None = None
    least: int = 0
    pattern: str = ""
    format: str = ""

    def schema(self) -> Schema:
        found = {"maxLength": self.most, "minLength": self.least, "pattern": self.pattern, "format": self.format}
        return {key: value for key, value in found.items() if value}


@dataclass(frozen=True, slots=True)
class Number:
    """Bounds on a number, both included."""

    least: int
    most: int

    def schema(self) -> Schema:
        return {"minimum": self.least, "maximum": self.most}


Time = Annotated[str, Text(format="date-time")]
HexId = Annotated[str, Text(pattern="^[0-9a-f]{32}$")]


def schema_of(annotation: Any, components: dict[str, Schema]) -> Schema:
    """Return the JSON Schema of an annotation; shapes go into `components` by name and are referred to."""
    if annotation in _PLAIN:
        return dict(_PLAIN[annotation])
    if is_typeddict(annotation):
        return _reference(annotation, components)
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin not in _GENERIC:
        raise TypeError(f"no schema is known for {annotation!r}")
    return _GENERIC[origin](inner, lambda part: schema_of(part, components))


_Of = Callable[[Any], Schema]


def _union(inner: tuple[Any, ...], of: _Of) -> Schema:
    return {"anyOf": [of(choice) for choice in inner]}


_GENERIC: dict[Any, Callable[[tuple[Any, ...], _Of], Schema]] = {
    NotRequired: lambda inner, of: of(inner[0]),
    Required: lambda inner, of: of(inner[0]),
    Annotated: lambda inner, of: {**of(inner[0]), **inner[1].schema()},
    Literal: lambda inner, _: {"type": "string", "enum": list(inner)},
    Union: _union,
    types.UnionType: _union,
    list: lambda inner, of: {"type": "array", "items": of(inner[0])},
    dict: lambda inner, of: {"type": "object", "additionalProperties": of(inner[1])},
}


def fields_of(shape: Any) -> Mapping[str, Any]:
    """Return a shape's fields and their annotations."""
    return get_type_hints(shape, include_extras=True)


def _reference(shape: Any, components: dict[str, Schema]) -> Schema:
    name = shape.__name__
    if name not in components:
        components[name] = {}  # so that a shape may hold itself
        properties = {key: schema_of(inner, components) for key, inner in fields_of(shape).items()}
        components[name] |= {"type": "object", "properties": properties}
        if shape.__required_keys__:
            components[name]["required"] = sorted(shape.__required_keys__)
        if shape.__doc__:
            components[name]["description"] = shape.__doc__
    return {"$ref": f"#/components/schemas/{name}"}

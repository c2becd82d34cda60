"""From an item's bytes to its JSON object, tolerant of what real clients write and of what hostile ones do."""

import re
from typing import Any

import orjson

from crashdesk.protocol import jsontext

MOST_DEPTH = 200
_TOKENS = re.compile(rb'"(?:[^"\\]|\\.)*"?|[\[{]|[\]}]|[^"\[\]{}]+', re.DOTALL)
_TOO_DEEP = b'"[too deep]"'


class UnreadableItem(Exception):  # noqa: N818 - named for what it says
    """An item that is no JSON object, in no form that any client is known to write."""


def read_object(payload: bytes) -> dict[str, Any]:
    """Return the item's JSON object; raises UnreadableItem."""
    try:
        found = orjson.loads(payload)
    except orjson.JSONDecodeError:
        found = _read_tolerantly(payload)
    if not isinstance(found, dict):
        raise UnreadableItem
    return found


def _read_tolerantly(payload: bytes) -> Any:
    """Read NaN, lone surrogates, bad UTF-8 and any depth; what lies too deep is left out."""
    text = payload.decode("utf-8", "replace").encode("utf-8")
    try:
        return jsontext.read(text)
    except ValueError:
        pass
    try:
        return jsontext.read(pruned(text))
    except ValueError as error:
        raise UnreadableItem from error


def pruned(text: bytes, most_depth: int = MOST_DEPTH) -> bytes:
    """Return JSON text in which whatever is nested deeper than `most_depth` is replaced by a word."""
    pieces: list[bytes] = []
    depth = 0
    for match in _TOKENS.finditer(text):
        token = match.group()
        if token in {b"[", b"{"}:
            depth += 1
            if depth == most_depth + 1:
                pieces.append(_TOO_DEEP)
        if depth <= most_depth:
            pieces.append(token)
        if token in {b"]", b"}"}:
            depth -= 1
    return b"".join(pieces)

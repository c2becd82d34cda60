"""From an item's bytes to its JSON object, tolerant of what real clients write and of what hostile ones do."""

from typing import Any

import orjson

from crashdesk.protocol import jsontext


class UnreadableItem(Exception):  # noqa: N818 - named for what it says
    """An item that is no JSON object, in no form that any client is known to write."""


def read_object(payload: bytes) -> dict[str, Any]:
    """Return the item's JSON object; raises UnreadableItem. Of very many values the first are read."""
    payload = jsontext.bounded(payload)
    try:
        found = orjson.loads(payload)
    except orjson.JSONDecodeError:
        found = _read_tolerantly(payload)
    if not isinstance(found, dict):
        raise UnreadableItem
    return found


def _read_tolerantly(payload: bytes) -> Any:
    """Read NaN, lone surrogates, bad UTF-8 and any depth; what lies too deep is left out."""
    try:
        return jsontext.read_any_depth(payload.decode("utf-8", "replace").encode())
    except ValueError as error:
        raise UnreadableItem from error

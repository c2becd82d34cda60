"""The frame of a small, well-formed envelope at once: what nearly every report is, at a fraction of the parser's cost.

Whatever is not plainly sound is left to the parser, which alone refuses.
"""

import re
from collections.abc import Mapping
from typing import Any

import orjson

from crashdesk.protocol.items import quantity
from crashdesk.server.intake.seen import known

_EMPTY_LINES = re.compile(rb"\n+")


def frame_of_small(
    data: bytes, item_bytes: Mapping[str, int], most_items: int
) -> tuple[dict[str, Any], dict[str, int]] | None:
    """Return the headers of an envelope and its items counted by type; None for what the parser should look at.

    `item_bytes` says how large items of a type may be, where that is less than `data` may be.
    """
    end = data.find(b"\n")
    headers = _object(data[:end]) if end > 0 else None
    if headers is None:
        return None
    counts: dict[str, int] = {}
    items, position, size = 0, end + 1, len(data)
    while position < size:
        if empty := _EMPTY_LINES.match(data, position):
            position = empty.end()
            continue
        end = data.find(b"\n", position)
        item = _object(data[position:end]) if end > 0 else None
        if item is None:
            return None
        stop = _end_of_payload(data, end + 1, item.get("length"))
        name, claimed = item.get("type"), item.get("item_count")
        items += 1
        if (
            stop < 0
            or items > most_items
            or type(name) is not str
            or not name
            or not (claimed is None or type(claimed) is int)
        ):
            return None
        if stop - end - 1 > item_bytes.get(name, size):
            return None
        name = known(name)
        counts[name] = counts.get(name, 0) + quantity(name, item)
        position = stop + 1
    return (headers, counts) if counts else None


def _object(line: bytes) -> dict[str, Any] | None:
    """Return the JSON object of a line that every reader of JSON understands alike."""
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return found if type(found) is dict else None


def _end_of_payload(data: bytes, start: int, length: object) -> int:
    """Return where the payload that begins at `start` ends; -1 when that is not plain."""
    if length is None:
        end = data.find(b"\n", start)
        return len(data) if end < 0 else end
    if type(length) is not int or length < 0:
        return -1
    end = start + length
    is_sound = end == len(data) or (end < len(data) and data[end] == 0x0A)
    return end if is_sound else -1

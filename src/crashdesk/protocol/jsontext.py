"""JSON as it travels: read with tolerance, written as standard JSON in ASCII whatever the value holds."""

import json
import re
from typing import Any

MOST_DEPTH = 200
LARGE_BYTES = 500_000
MOST_VALUES = 150_000  # of one large text; a report of a product has a few thousand
_TOKENS = re.compile(rb'"(?:[^"\\]|\\.)*"?|[\[{]|[\]}]|[^"\[\]{}]+', re.DOTALL)
_TOO_DEEP = b'"[too deep]"'


def read(text: bytes) -> Any:
    """Return the value of UTF-8 JSON, with the bare words NaN and Infinity and numbers of any length.

    Raises ValueError for all else, also for what is nested too deeply.
    """
    try:
        return _loads(text.decode("utf-8"))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def read_any_depth(text: bytes) -> Any:
    """Return the same as `read`, also of what is nested too deeply for it: what lies too deep is left out."""
    try:
        return read(text)
    except ValueError:
        return read(pruned(text))


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


def has_more_values(text: bytes, most_values: int) -> bool:
    """Say whether JSON text may hold more than about so many values: told by its marks, at a fraction of reading it."""
    return text.count(b",") + text.count(b"[") + text.count(b"{") > most_values


def bounded(text: bytes) -> bytes:
    """Return JSON text as it is, unless it is large and holds very many values: then with the first of them."""
    return shortened(text, MOST_VALUES) if len(text) > LARGE_BYTES and has_more_values(text, MOST_VALUES) else text


def shortened(text: bytes, most_values: int) -> bytes:
    """Return JSON text with about its first `most_values` values, the rest left out and what is open closed.

    A few megabytes of empty lists would unpack to hundreds.
    """
    is_open: list[bytes] = []
    values = 0
    for match in _TOKENS.finditer(text):
        token = match.group()
        if token in {b"[", b"{"}:
            is_open.append(b"]" if token == b"[" else b"}")
            values += len(is_open) <= MOST_DEPTH  # what lies deeper is left out by `pruned`
        elif token in {b"]", b"}"}:
            if is_open:
                is_open.pop()
        elif not token.startswith(b'"') and b"," in token:
            values += token.count(b",")
            if values > most_values:
                kept = token.split(b",", most_values)[: max(1, token.count(b",") - values + most_values)]
                return text[: match.start()] + b",".join(kept) + b"".join(reversed(is_open))
    return text


def write(value: Any) -> bytes:
    """Return compact JSON; lone surrogates are escaped, numbers that are not finite become text."""
    try:
        text = json.dumps(value, separators=(",", ":"), allow_nan=False)
    except ValueError:
        finite = json.loads(json.dumps(value), parse_constant=str)
        text = json.dumps(finite, separators=(",", ":"), allow_nan=False)
    return text.encode("ascii")


def _loads(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        raise
    except ValueError:  # a whole number longer than Python turns into one
        return json.loads(text, parse_int=float)

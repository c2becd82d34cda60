"""JSON as it travels: read with tolerance, written as standard JSON in ASCII whatever the value holds."""

import json
from typing import Any


def read(text: bytes) -> Any:
    """Return the value of UTF-8 JSON, with the bare words NaN and Infinity and numbers of any length.

    Raises ValueError for all else, also for what is nested too deeply.
    """
    try:
        return _loads(text.decode("utf-8"))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


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

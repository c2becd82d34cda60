"""Dictionaries that make small bodies smaller still: made once from invented bodies, numbered, and kept for ever.

A record says the number of the one it needs; a new one is added beside the others, as ``<number>.zstd``.
"""

from functools import lru_cache
from pathlib import Path

import zstandard

from crashdesk.errors import StorageError

NEWEST = 1  # 0 is none

_HERE = Path(__file__).parent


@lru_cache(maxsize=8)
def plain(number: int) -> zstandard.ZstdCompressionDict | None:
    """Return the dictionary with this number; None for 0. Raises StorageError for one that is not there."""
    if not number:
        return None
    path = _HERE / f"{number}.zstd"
    try:
        return zstandard.ZstdCompressionDict(path.read_bytes())
    except OSError as error:
        raise StorageError(
            f"Dictionary {number} is not there: it came with a newer Crashdesk, install that or a later one."
        ) from error


@lru_cache(maxsize=8)
def compressing(number: int, level: int) -> zstandard.ZstdCompressionDict | None:
    """Return the dictionary with this number, prepared once for compressing at `level`."""
    found = plain(number)
    if found is not None:
        found = zstandard.ZstdCompressionDict(found.as_bytes())
        found.precompute_compress(level=level)
    return found

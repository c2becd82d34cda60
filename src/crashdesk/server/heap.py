"""How a part of the server uses its heap: what was loaded stays out of the searches for garbage, which become rarer.

A report is some thousand objects that live for a millisecond and hold no cycles. With Python's own thresholds each of
them would cause searches, now and then one through everything that was ever loaded: a tenth of all work, and pauses.
"""

import gc

YOUNG_OBJECTS = 20_000  # that came and stayed since the last search, before the next
SEARCHES_OF_YOUNG, SEARCHES_OF_MIDDLE = 20, 50  # before older objects are searched too

ENVIRONMENT = {"MALLOC_ARENA_MAX": "2"}  # glibc would keep up to 16 heaps, each with what its thread once needed


def settle() -> None:
    """Call when a part has loaded what it works with, before its first work."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, SEARCHES_OF_YOUNG, SEARCHES_OF_MIDDLE)

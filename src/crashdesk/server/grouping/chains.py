"""Finding the cause behind wrappers: from ``raise X from Y`` to Y, and into groups of exceptions.

An SDK of ours says how a chain hangs together (``mechanism.source``). Others do not, and then the place decides: an
exception raised in the very function that caught the earlier one wraps it, while one whose stack goes deeper is a
failure of its own that happened during handling.
"""

from collections.abc import Sequence
from dataclasses import replace

from crashdesk.server.grouping.reading import Frame, Raised

MOST_STEPS = 20


def cause(chain: Sequence[Raised]) -> Raised:
    """Return the exception that names the cause, with the whole stack that led to it."""
    position = len(chain) - 1
    found = chain[position]
    for _ in range(MOST_STEPS):
        inner = _first_child(chain, position) if found.is_group else position - 1
        if inner is None or inner < 0:
            break
        if found.is_group:
            found = chain[inner]
        elif _wraps(found, chain[inner], chain[position]):
            found = replace(chain[inner], frames=_joined(found.frames, chain[inner].frames))
        else:
            break
        position = inner
    return found


def _first_child(chain: Sequence[Raised], position: int) -> int | None:
    """Return where the first exception of a group stands; without ids it is the one before the group."""
    group = chain[position]
    children = [place for place, raised in enumerate(chain[:position]) if raised.parent_id == group.id is not None]
    first = [place for place in children if chain[place].source.endswith("[0]")]
    return (first or children or [position - 1])[-1]


def _wraps(outer: Raised, inner: Raised, outer_as_sent: Raised) -> bool:
    if inner.source == "__cause__" and inner.parent_id == outer_as_sent.id is not None:
        return True
    if not outer.frames or not inner.frames:
        return False
    return _place(outer.frames[-1]) == _place(inner.frames[0])


def _joined(outer: tuple[Frame, ...], inner: tuple[Frame, ...]) -> tuple[Frame, ...]:
    """Return the stack of the inner exception from the program's start: its own begins where it was caught."""
    if not inner:
        return outer
    start = _place(inner[0])
    for position in range(len(outer) - 1, -1, -1):
        if _place(outer[position]) == start:
            return outer[:position] + inner
    return inner


def _place(frame: Frame) -> tuple[str, str, str]:
    return (frame.module, frame.function, "" if frame.module else frame.path)

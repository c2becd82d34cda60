"""Grouping version 1: the cause's type and the innermost place of the product that it came from.

Frozen once released; a better idea is version 2. Looked at, in this order: the kind of failure; the type of the
exception behind wrappers; the innermost own function (and its caller, when it raised an error type of the product's
own, because such helpers serve many callers); the library function that failed below it and the template of its
message, because one library function fails for many reasons. Own messages are reworded and translated: of them only an
HTTP status counts. Without a stack: the type and the message's template. Line numbers and what stands further out do
not count.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from crashdesk.protocol.event import EventView
from crashdesk.server.grouping.chains import cause
from crashdesk.server.grouping.frames import Origin, module_of, origins
from crashdesk.server.grouping.messages import http_status, template
from crashdesk.server.grouping.names import COMPREHENSIONS, function_words, last_part, type_name
from crashdesk.server.grouping.parts import Part
from crashdesk.server.grouping.reading import Frame, Raised, exceptions, mapping, text, thread_frames

KINDS_APART = frozenset({"native", "hang", "abnormal", "exit", "message"})
NO_EXCEPTION = Raised("", "", "", (), "", None, None, is_group=False)
RECURSION_FRAMES = 60
NAMELESS = frozenset({"", "?", "<anonymous>", "<unknown>"})  # functions that tell no place: the message must help


def parts(event: Mapping[str, Any]) -> list[Part]:
    """Return what decides about `event`, in the order in which it was looked at."""
    kind = _kind(event)
    chain = exceptions(event)
    raised = cause(chain) if chain else NO_EXCEPTION
    stack = raised.frames or (thread_frames(event) if kind != "message" else ())
    found = [Part("kind", kind), Part("exception", type_name(raised.type))]
    found += _places(kind, raised, stack, event) or _words(raised, event)
    return [part for part in found if part.value]


def _kind(event: Mapping[str, Any]) -> str:
    """Return the kind of failure; everything that a program raised is one kind, however it was caught."""
    kind = EventView(event).kind
    return kind if kind in KINDS_APART else "error"


def _places(kind: str, raised: Raised, stack: Sequence[Frame], event: Mapping[str, Any]) -> list[Part]:
    judged = origins(stack, event)
    own = _without_comprehensions([frame for frame, origin in zip(stack, judged, strict=True) if origin is Origin.OWN])
    if not own:
        known = [frame for frame in _without_comprehensions(stack) if frame.function]
        return [_place("frame", known[-1])] if known else []
    if type_name(raised.type) == "RecursionError":
        return [_most_frequent(own)]
    is_own_type = _is_own_type(raised, own)
    below = _library_below(stack, judged) if kind != "hang" else None  # a hang is caught at a random moment
    found = _innermost(own, 2 if is_own_type else 1) + ([_place("library", below)] if below else [])
    if own[-1].function in NAMELESS:
        return found + _words(raised, event)
    if is_own_type:
        return [*found, Part("message", http_status(raised.value))]
    return [*found, Part("message", template(raised.value))] if below else found


def _innermost(own: Sequence[Frame], wanted: int) -> list[Part]:
    """Return the last places; a function and its wrapper of nearly the same name are one."""
    places: list[Part] = []
    for frame in reversed(own):
        place = _place("frame", frame)
        if not places or places[-1].value != place.value:
            places.append(place)
        if len(places) == wanted:
            break
    return places[::-1]


def _without_comprehensions(stack: Sequence[Frame]) -> list[Frame]:
    """Leave out frames that Python has had only up to 3.11, unless there is nothing else."""
    return [frame for frame in stack if frame.function not in COMPREHENSIONS] or list(stack)


def _is_own_type(raised: Raised, own: Sequence[Frame]) -> bool:
    package = raised.module.partition(".")[0]
    return bool(package) and any(module_of(frame).partition(".")[0] == package for frame in own)


def _library_below(stack: Sequence[Frame], judged: Sequence[Origin]) -> Frame | None:
    """Return the innermost library frame that stands below the innermost own one."""
    for frame, origin in zip(reversed(stack), reversed(judged), strict=True):
        if origin is Origin.OWN:
            return None
        if origin is Origin.LIBRARY:
            return frame
    return None


def _most_frequent(own: Sequence[Frame]) -> Part:
    """Return the place that recurs: where the stack ends is chance."""
    counts = Counter(_place("frame", frame) for frame in own[-RECURSION_FRAMES:])
    return min(counts, key=lambda part: (-counts[part], part))


def _place(what: str, frame: Frame) -> Part:
    """Return a place in the code: what decides is free of small renames, what is said stands in the code."""
    module = last_part(module_of(frame))
    return Part(what, f"{module}.{function_words(frame.function)}", f"{module}.{frame.function}")


def _words(raised: Raised, event: Mapping[str, Any]) -> list[Part]:
    if raised.value:
        return [Part("message", template(raised.value))]
    entry = mapping(event.get("logentry"))
    message = text(entry.get("message")) or text(event.get("message")) or text(entry.get("formatted"))
    return [Part("logger", text(event.get("logger"))), Part("message", template(message))]

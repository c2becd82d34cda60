"""Likeness: a cheap, versioned key of one failure, made on the client without a server and sent with the event.

Equal keys mean "the same problem again": one window, one "do not ask again", one count. A key is made of the kind, the
types of the exception chain and the innermost own frames by module and function. Line numbers and values stay out, so
that it outlives a release. The server maps keys to issues; its own grouping is finer and changes more often.
"""

import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

from crashdesk.protocol.event import EventView
from crashdesk.protocol.stack import ExceptionView, FrameView, first_line, own_frames

LIKENESS_VERSION = 1

CHAIN_ENTRIES = 4
FRAMES = 3

# frames that one Python version has and the next has not
_UNSTABLE_FUNCTIONS = frozenset({"<listcomp>", "<dictcomp>", "<setcomp>"})
_CHANGING = re.compile(r"0[xX][0-9a-fA-F]+|[0-9a-fA-F]{8,}|\d+")


def likeness_key(payload: Mapping[str, Any]) -> str:
    """Return ``VERSION-HEX16`` for the JSON object of an event; equal failures have equal keys."""
    parts = "\0".join(_parts(EventView(payload)))
    return f"{LIKENESS_VERSION}-{sha256(parts.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"


def _parts(event: EventView) -> Iterator[str]:
    yield event.kind
    chain = event.exceptions
    for entry in chain[-CHAIN_ENTRIES:-1]:
        yield from _cause(entry)
    frames = _stable(event.frames)
    if chain:
        yield chain[-1].type
    for frame in frames[-FRAMES:]:
        yield _place(frame)
    if not frames:
        yield _CHANGING.sub("#", first_line(chain[-1].value if chain else event.message_template))


def _cause(entry: ExceptionView) -> Iterator[str]:
    yield entry.type
    for frame in _stable(entry.frames)[-1:]:
        yield _place(frame)


def _stable(frames: list[FrameView]) -> list[FrameView]:
    return own_frames([frame for frame in frames if frame.function not in _UNSTABLE_FUNCTIONS])


def _place(frame: FrameView) -> str:
    """Write a frame so that it is the same on every machine: no folders, no lines."""
    file = (frame.filename or frame.abs_path).replace("\\", "/").rpartition("/")[2]
    return f"{frame.module or file}:{frame.function}"

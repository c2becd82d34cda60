"""Finds names for frames that come as addresses or as places in minified code: the place where symbolicators hook in.

What none of them could find is noted with the ids of its modules, so that a later upload can be matched with the events
that wait for it.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from crashdesk.protocol import foreign
from crashdesk.server.processor.draft import Draft

NAME = "symbolicate"
MOST_MISSING = 100
ID_LIMIT, FILE_LIMIT = 100, 500
SOURCE_MAP = "sourcemap"

Symbolicator = Callable[[Draft, Collection[str]], Collection[str]]
"""Names what it can in the draft's frames; gets the ids of the modules they lie in, returns those that it resolved."""

_symbolicators: list[Symbolicator] = []


def register(symbolicator: Symbolicator) -> None:
    """Let `symbolicator` see every event that names modules, after those that were registered before."""
    _symbolicators.append(symbolicator)


def apply(draft: Draft) -> None:
    """Call the symbolicators; set `missing_symbols` to the modules of frames for which none of them had symbols."""
    images = foreign.mappings(foreign.mapping(draft.payload.get("debug_meta")).get("images"))
    if not images:
        return
    wanted = {entry["debug_id"]: entry for entry in _wanted(draft.payload, images)}
    for symbolicator in _symbolicators:
        for resolved in symbolicator(draft, wanted.keys()):
            wanted.pop(resolved, None)
    draft.missing_symbols = list(wanted.values())[:MOST_MISSING]


def _wanted(payload: Mapping[str, Any], images: list[Mapping[str, Any]]) -> Iterator[dict[str, str]]:
    """Yield the modules that have an id and in which a frame lies."""
    places, files = _places(payload)
    for image in images:
        debug_id = foreign.text(image.get("debug_id"))
        file = foreign.text(image.get("code_file")) or ""
        if debug_id and (_holds(image, places) or file in files):
            kind = foreign.text(image.get("type")) or ""
            yield {"debug_id": debug_id[:ID_LIMIT], "type": kind[:ID_LIMIT], "file": file[:FILE_LIMIT]}


def _places(payload: Mapping[str, Any]) -> tuple[list[int], set[str]]:
    """Return the addresses of all frames, and the files in which they lie."""
    places: list[int] = []
    files: set[str] = set()
    carriers = [payload, *foreign.mappings(payload.get("exception")), *foreign.mappings(payload.get("threads"))]
    for carrier in carriers:
        for frame in foreign.mappings(foreign.mapping(carrier.get("stacktrace")).get("frames")):
            address = number(frame.get("instruction_addr"))
            if address is not None:
                places.append(address)
            elif file := foreign.text(frame.get("abs_path")):
                files.add(file)
    return places, files


def _holds(image: Mapping[str, Any], places: list[int]) -> bool:
    start, size = number(image.get("image_addr")), foreign.whole(image.get("image_size"))
    if start is None or size is None:
        return False
    return any(start <= place < start + size for place in places)


def number(value: object) -> int | None:
    """Return an address, which clients write as text with 0x or as a number."""
    if isinstance(value, str) and value.startswith(("0x", "0X")) and len(value) <= 18:
        try:
            return int(value, 16)
        except ValueError:
            return None
    return foreign.whole(value)

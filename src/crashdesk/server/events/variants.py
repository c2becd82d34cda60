"""Which events of one issue differ in kind: by their way there and the operating system, not by their data."""

import zlib
from typing import Any

from crashdesk.protocol import foreign
from crashdesk.protocol.event import EventView

_FRAMES = 30


def variant_of(payload: dict[str, Any]) -> int:
    """Return a number of 31 bits that is the same for events of one kind."""
    event = EventView(payload)
    system = event.context("os") or event.context("client_os")
    told = [foreign.text(system.get("name")) or "", foreign.text(system.get("version")) or ""]
    for entry in foreign.mappings(payload.get("exception"))[-3:]:
        frames = foreign.sequence(foreign.mapping(entry.get("stacktrace")).get("frames"))
        told += [foreign.text(foreign.mapping(frame).get("function")) or "" for frame in frames[-_FRAMES:]]
    return zlib.crc32("\0".join(told).encode("utf-8", "replace")) & 0x7FFFFFFF

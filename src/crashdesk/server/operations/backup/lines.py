"""Lines of JSON in members of bounded size: a table of any length passes through a few megabytes of memory."""

from collections.abc import Iterable, Iterator

CHUNK_BYTES = 8_000_000


def chunks(lines: Iterable[bytes]) -> Iterator[tuple[bytes, int]]:
    """Join lines to chunks of about CHUNK_BYTES; yield each with how many lines it has."""
    held, count = bytearray(), 0  # not a list: orjson's lines are given far more memory than they fill
    for line in lines:
        held += line
        count += 1
        if len(held) >= CHUNK_BYTES:
            yield bytes(held), count
            held, count = bytearray(), 0
    if held:
        yield bytes(held), count

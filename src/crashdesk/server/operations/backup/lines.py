"""Lines of JSON in members of bounded size: a table of any length passes through a few megabytes of memory."""

from collections.abc import Iterable, Iterator

CHUNK_BYTES = 8_000_000


def chunks(lines: Iterable[bytes]) -> Iterator[tuple[bytes, int]]:
    """Join lines to chunks of about CHUNK_BYTES; yield each with how many lines it has."""
    held: list[bytes] = []
    size = 0
    for line in lines:
        held.append(line)
        size += len(line)
        if size >= CHUNK_BYTES:
            yield b"".join(held), len(held)
            held, size = [], 0
    if held:
        yield b"".join(held), len(held)

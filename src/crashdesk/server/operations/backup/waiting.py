"""What waits in a node's intake: its rows as lines of JSON, and the large bodies that lie beside it."""

import base64
from collections.abc import Iterable, Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import orjson

from crashdesk.server.intake.queue import IntakeReader, IntakeRow, IntakeWriter

PORTION_ROWS = 200
_NAMES = tuple(field.name for field in fields(IntakeRow))


def rows_behind(reader: IntakeReader, position: int, last: int) -> Iterator[IntakeRow]:
    """Yield the rows behind `position` up to `last`, read a portion at a time."""
    while rows := reader.after(position, PORTION_ROWS, most_bytes=8_000_000):
        for row in rows:
            if row.position > last:
                return
            yield row
        position = rows[-1].position


def line(row: IntakeRow) -> bytes:
    """Return `row` as a line."""
    facts = {name: getattr(row, name) for name in _NAMES}
    facts["body"] = base64.b64encode(row.body).decode("ascii")
    return orjson.dumps(facts, option=orjson.OPT_APPEND_NEWLINE)


def row(text: bytes) -> IntakeRow:
    """Return the row that `line` wrote; what a later version added is left out."""
    facts: dict[str, Any] = orjson.loads(text)
    known = {name: facts[name] for name in _NAMES if name in facts}
    return IntakeRow(**{**known, "body": base64.b64decode(facts["body"])})


class Refill:
    """A new intake that takes waiting rows in their order, behind the position `beyond` and without gaps."""

    def __init__(self, path: Path, beyond: int) -> None:
        self._writer = IntakeWriter.open(path, beyond=beyond)
        self._last = beyond
        self.count = 0

    def add(self, lines: Iterable[bytes], *, after: int = 0) -> None:
        """Take the rows behind the position `after`: those up to it were stored before the backup's view began."""
        waiting = [found for found in map(row, lines) if found.position > after]
        self._writer.restore([replace(found, position=self._last + place) for place, found in enumerate(waiting, 1)])
        self._last += len(waiting)
        self.count += len(waiting)

    def close(self) -> None:
        self._writer.close()

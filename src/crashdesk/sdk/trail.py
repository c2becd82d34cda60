"""The trail of this run: breadcrumbs of the whole process in one ring, and a copy on disk for a death without notice.

The copy is a plain file beside the run's other files. It is scrubbed before the disk, bounded in size, and bounded in
writes a second, so that a chatty log costs the host nothing.
"""

import json
import os
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from crashdesk import clock
from crashdesk.outbox.location import open_private_file
from crashdesk.protocol.trail import Breadcrumb

FILE_BYTES = 128 * 1024
LINE_BYTES = 2000
LINES_KEPT = 50
WRITES_A_SECOND = 40
FILE_NAME = "trail.jsonl"


class Trail:
    """Ring of the newest breadcrumbs; appending is atomic, so threads need no lock."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._ring: deque[Breadcrumb] = deque(maxlen=size)
        self.copy: TrailFile | None = None

    def add(self, crumb: Breadcrumb) -> None:
        self._ring.append(crumb)
        if self.copy is not None and self.size:
            self.copy.append(crumb)

    def values(self) -> list[Breadcrumb]:
        """Return the breadcrumbs, oldest first."""
        return list(self._ring.copy())

    def clear(self) -> None:
        self._ring.clear()


class TrailFile:
    """Newest breadcrumbs as JSON lines in a file that outlives the process; begins anew when it has grown full."""

    def __init__(self, path: Path, scrub: Callable[[Any], Any]) -> None:
        self._scrub = scrub
        self._newest: deque[bytes] = deque(maxlen=LINES_KEPT)
        self._written = 0
        self._second = 0
        self._in_second = 0
        self._file = open_private_file(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND)

    def append(self, crumb: Breadcrumb) -> None:
        """Write one breadcrumb, unless this second had its share."""
        if not self._may_write(int(clock.monotonic())):
            return
        line = json.dumps(self._scrub(crumb), default=str).encode()[:LINE_BYTES] + b"\n"
        self._newest.append(line)
        if self._written + len(line) > FILE_BYTES:
            os.ftruncate(self._file, 0)
            self._written = 0
            line = b"".join(self._newest)
        self._written += os.write(self._file, line)

    def close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _may_write(self, second: int) -> bool:
        if second != self._second:
            self._second, self._in_second = second, 0
        self._in_second += 1
        return self._in_second <= WRITES_A_SECOND and self._file >= 0


def read_file(path: Path) -> list[Breadcrumb]:
    """Return what a dead process left of its trail, oldest first; a torn last line is left out."""
    try:
        text = path.read_text("utf-8", errors="replace")[-2 * FILE_BYTES :]
    except OSError:
        return []
    crumbs = []
    for line in text.splitlines():
        try:
            crumb = json.loads(line)
        except ValueError:
            continue
        if isinstance(crumb, dict):
            crumbs.append(crumb)
    return crumbs

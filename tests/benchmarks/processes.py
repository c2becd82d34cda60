"""What processes cost, read from /proc: CPU time and memory of whole trees, and bytes below a directory."""

import os
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Self

_TICKS = os.sysconf("SC_CLK_TCK")
LOOK_SECONDS = 1.0


def tree(root: int) -> list[int]:
    """Return the process and all below it."""
    below = defaultdict(list)
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError, IndexError):
                below[int(_facts(int(entry.name))[1])].append(int(entry.name))
    found = [root]
    for pid in found:
        found += below[pid]
    return found


def cpu_seconds(roots: Iterable[int]) -> float:
    """Return the CPU time that these processes, those below them and their ended children have used."""
    ticks = 0
    for pid in {pid for root in roots for pid in tree(root)}:
        with suppress(OSError, IndexError):
            ticks += sum(map(int, _facts(pid)[11:15]))  # user, system, and both of children that have ended
    return ticks / _TICKS


def pss_bytes(roots: Iterable[int]) -> int:
    """Return the memory of these processes and those below them; what they share is counted once."""
    total = 0
    for pid in {pid for root in roots for pid in tree(root)}:
        with suppress(OSError):
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) * 1024
    return total


def bytes_below(directory: Path) -> int:
    """Return what all files below `directory` take on the disk, journals included."""
    total = 0
    for path in directory.rglob("*"):
        with suppress(OSError):  # it went while we looked
            total += path.lstat().st_blocks * 512 if path.is_file() else 0
    return total


def load_average() -> str:
    return " ".join(f"{load:.2f}" for load in os.getloadavg())


class MemoryPeak:
    """Looks at the memory of processes while a block runs: ``with MemoryPeak(pids) as peak: ...; peak.bytes``."""

    def __init__(self, roots: Callable[[], Iterable[int]]) -> None:
        self._roots = roots
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self.bytes = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        while True:
            self.bytes = max(self.bytes, pss_bytes(self._roots()))
            if self._ended.wait(LOOK_SECONDS):
                return


def _facts(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()

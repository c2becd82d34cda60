"""Running figures of one process: numbers that only grow, and how long things took; left in a file for the collector.

The processor writes its file now and then; the collector reads it when somebody asks for the metrics. A figure begins
at nothing with each start, which whoever reads metrics expects.
"""

import json
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crashdesk.server import installation

BOUNDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds


@dataclass(slots=True)
class Durations:
    """How many things took up to each of BOUNDS, the rest behind them, and how long all took together."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    seconds: float = 0.0

    def observe(self, seconds: float) -> None:
        self.counts[bisect_left(BOUNDS, seconds)] += 1
        self.seconds += seconds

    def buckets(self) -> list[tuple[str, float]]:
        """Return the sums up to each bound, as histograms are written."""
        found, total = [], 0
        for bound, count in zip((*map(str, BOUNDS), "+Inf"), self.counts, strict=True):
            total += count
            found.append((bound, float(total)))
        return found


@dataclass(slots=True)
class Figures:
    """The figures of one part of the server."""

    counts: Counter[str] = field(default_factory=Counter)
    batches: Durations = field(default_factory=Durations)


def keep(figures: Figures, data: Path, part: str) -> None:
    """Leave the figures in the data directory; raises StorageError when that cannot be."""
    content = {
        "counts": figures.counts,
        "batches": {"counts": figures.batches.counts, "seconds": figures.batches.seconds},
    }
    installation.replace_file(_path(data, part), json.dumps(content).encode())


def read(data: Path, part: str) -> Figures | None:
    """Return the figures that `part` left last, or None where there are none that can be read."""
    try:
        found: dict[str, Any] = json.loads(_path(data, part).read_text("utf-8"))
        batches = Durations([int(count) for count in found["batches"]["counts"]], float(found["batches"]["seconds"]))
        if len(batches.counts) != len(BOUNDS) + 1:
            return None
        return Figures(Counter(found["counts"]), batches)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _path(data: Path, part: str) -> Path:
    return data / f"figures-{part}.json"

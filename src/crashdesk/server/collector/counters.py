"""Running numbers of this collector, since its start: plain integers, written by its own threads, read by anybody."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Counters:
    """What came, what became of it and what it cost; `refused` by reason of the answer, `limited` by reason too.

    `limited` counts items that an accepted report lost to a limit; `streamed` bodies that went to the disk while they
    came. What commits cost is counted by the committer.
    """

    accepted: int = 0
    accepted_bytes: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    limited: Counter[str] = field(default_factory=Counter)
    streamed: int = 0

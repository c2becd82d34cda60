"""Which bodies of an issue's events stay when there are too many: the first, the last, and a mixture of all kinds.

Counting on is exact without them. What stays of a kind is a fair sample of all its events, old and new alike: those
whose ids have the lowest hashes, so that sampling again and again changes nothing.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest

_ENDS = 2  # the first and the last


@dataclass(frozen=True, slots=True)
class Candidate:
    """A body that is kept so far: its event's id, what kind of event it is, whether it must stay whatever comes."""

    id: int
    kind: tuple[object, ...]
    is_wanted: bool = False


def surplus(found: Sequence[Candidate], most: int) -> list[int]:
    """Return the ids of those whose bodies may go, so that `most` stay beside the ones that must; 0 is no limit."""
    if not most or len(found) <= most:
        return []
    ordered = sorted(found, key=lambda candidate: candidate.id)
    middle = [candidate for candidate in ordered[1:-1] if not candidate.is_wanted]
    return [candidate.id for candidate in _mixed(middle)[max(0, most - _ENDS) :]]


def _mixed(found: Sequence[Candidate]) -> list[Candidate]:
    """Order candidates so that every kind comes once before any comes twice, rare kinds as soon as frequent ones."""
    by_kind: dict[tuple[object, ...], list[Candidate]] = defaultdict(list)
    for candidate in sorted(found, key=lambda candidate: _hash(candidate.id)):
        by_kind[candidate.kind].append(candidate)
    rounds = zip_longest(*by_kind.values())
    return [candidate for candidate in chain.from_iterable(rounds) if candidate is not None]


def _hash(number: int) -> int:
    """Scatter ids, whose lower bits say when an event came (the finisher of splitmix64)."""
    number = (number ^ (number >> 30)) * 0xBF58476D1CE4E5B9 & 0xFFFFFFFFFFFFFFFF
    number = (number ^ (number >> 27)) * 0x94D049BB133111EB & 0xFFFFFFFFFFFFFFFF
    return number ^ (number >> 31)

"""What the door saw in a body, as a row tells it: ``event=1 attachment=2``, over a limit ``event=1!key_rate``.

The account of a project begins with these counts: each stands for items that are stored, or dropped with a reason.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from crashdesk.protocol.items import UNKNOWN, item_type


@dataclass(frozen=True, slots=True)
class Seen:
    """How many items of one type came (by its name in the table of item types), and why none of them may stay."""

    name: str
    quantity: int
    limited: str = ""


def known(name: str) -> str:
    """Return the name under which items of a type are counted: what the table does not know counts as unknown."""
    return item_type(name).name


def write(counts: Mapping[str, int], limited: Mapping[str, str] | None = None) -> str:
    """Return `counts` by type as text; `limited` names the reason for each category that is over a limit."""
    reasons = limited or {}
    return " ".join([f"{name}={count}{_mark(name, reasons)}" for name, count in counts.items()])


def read(text: str) -> list[Seen]:
    """Return what `write` wrote; words that it did not write are passed over."""
    return [entry for entry in map(_seen, text.split()) if entry is not None]


def limited_names(entries: Iterable[Seen]) -> dict[str, str]:
    """Return the reason for each type whose items may not stay."""
    return {entry.name: entry.limited for entry in entries if entry.limited}


def _mark(name: str, reasons: Mapping[str, str]) -> str:
    reason = reasons.get(item_type(name).category) if reasons else None
    return f"!{reason}" if reason else ""


def _seen(word: str) -> Seen | None:
    name, _, rest = word.partition("=")
    count, _, reason = rest.partition("!")
    if not count.isdigit() or (item_type(name) is UNKNOWN and name != UNKNOWN.name):
        return None
    return Seen(name, int(count), reason)

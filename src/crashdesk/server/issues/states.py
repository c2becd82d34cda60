"""Table of an issue's states and of the changes that are allowed between them."""

from dataclasses import dataclass

UNRESOLVED, RESOLVED, IGNORED = "unresolved", "resolved", "ignored"
REGRESSED = "regressed"  # not a state: a change, after which the issue is unresolved again


@dataclass(frozen=True, slots=True)
class State:
    """One state: what it means, and which states a person may change it to."""

    name: str
    description: str
    leads_to: frozenset[str]


STATES: dict[str, State] = {
    state.name: state
    for state in (
        State(UNRESOLVED, "Nobody has said yet that it is mended.", frozenset({RESOLVED, IGNORED})),
        State(RESOLVED, "Mended; an event of a later release opens it again.", frozenset({UNRESOLVED, IGNORED})),
        State(IGNORED, "Counted, but out of the way until somebody reopens it.", frozenset({UNRESOLVED, RESOLVED})),
    )
}


def may_change(before: str, after: str) -> bool:
    """Whether a person may change an issue's state from `before` to `after`."""
    return before in STATES and after in STATES[before].leads_to

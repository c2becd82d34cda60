"""What may be done with a report, from what the product's maker declared and what the person said."""

from crashdesk.outbox.store import State

GIVEN = "given"
REFUSED = "refused"


def state_for(declared: str, person: str | None) -> State | None:
    """Return in which state a report is kept, or None when nothing may be stored.

    The person's word goes before the maker's, except that a maker's ``refused`` always stands.
    """
    if REFUSED in {declared, person}:
        return None
    return State.READY if GIVEN in (person, declared) else State.WAITING


def state_for_feedback(declared: str) -> State | None:
    """Feedback is sent by the person's own hand: only a product that declared ``refused`` keeps none."""
    return None if declared == REFUSED else State.READY

"""A person's own words, checked, as the product's own form hands them over."""

from typing import Any

from crashdesk.errors import UsageError
from crashdesk.protocol.envelope import new_event_id, normalise_event_id
from crashdesk.protocol.feedback import FEEDBACK_KINDS, Feedback

MESSAGE_CHARACTERS = 20_000
SOURCE = "product"


def made(message: str, kind: str = "problem", associated_event_id: str | None = None, **about: Any) -> Feedback:
    """Return feedback with an id of its own; raises UsageError when there are no words or the kind is unknown."""
    if not message.strip():
        raise UsageError("Feedback needs words: the message is empty.")
    if kind not in FEEDBACK_KINDS:
        raise UsageError(f"There is no feedback of the kind {kind!r}: use one of {', '.join(FEEDBACK_KINDS)}.")
    return Feedback(
        feedback_id=new_event_id(),
        message=message[:MESSAGE_CHARACTERS],
        kind=kind,
        associated_event_id=normalise_event_id(associated_event_id),
        source=SOURCE,
        **about,
    )

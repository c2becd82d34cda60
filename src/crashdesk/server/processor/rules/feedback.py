"""A user's own words, from the newer form (an event with ``contexts.feedback``) and from the older ``user_report``."""

from crashdesk.protocol.feedback import Feedback
from crashdesk.server.processor.draft import USER_REPORT, Draft

NAME = "feedback"


def apply(draft: Draft) -> None:
    """Set `words`."""
    if draft.item == USER_REPORT:
        draft.words = Feedback.from_user_report(draft.payload, draft.id)
    else:
        draft.words = Feedback.from_event(draft.payload)

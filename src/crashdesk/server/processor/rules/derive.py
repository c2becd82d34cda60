"""What lists and pages need of an event without its body: kind, level, title, place, likeness and whose it was."""

import re

from crashdesk.protocol import foreign
from crashdesk.protocol.event import KINDS, EventView
from crashdesk.protocol.likeness import likeness_key
from crashdesk.server.events.digests import USER_FIELDS, digest_of
from crashdesk.server.processor.draft import Draft

NAME = "derive"
AUTOMATIC_ADDRESS = "{{auto}}"
_LIKENESS = re.compile(r"\d{1,4}-[0-9a-f]{16}")


def apply(draft: Draft) -> None:
    """Fill in what can be told from the payload as it stands now."""
    event = EventView(draft.payload)
    draft.kind, draft.level = event.kind, event.level
    last = event.exceptions[-1] if event.exceptions else None
    draft.type = last.type if last else ""
    draft.value = (last.value if last else "") or event.message or ("" if draft.type else KINDS[draft.kind])
    draft.culprit = event.culprit()
    draft.likeness = _likeness(event)
    draft.user_digest = user_digest(draft)


def user_digest(draft: Draft) -> str:
    """Return a digest that is the same for the same user of a project and tells nobody who it is.

    ``{{auto}}`` stands for the sender's address, which goes into the digest only and is kept nowhere else.
    """
    user = foreign.mapping(draft.payload.get("user"))
    for name in USER_FIELDS:
        known = foreign.text(user.get(name))
        if known == AUTOMATIC_ADDRESS:
            known = draft.arrival.remote
        if known:
            return digest_of(draft.arrival.project_id, name, known)
    return ""


def _likeness(event: EventView) -> str:
    told = foreign.text(event.context("crashdesk").get("likeness")) or ""
    return told if _LIKENESS.fullmatch(told) else likeness_key(event.payload)

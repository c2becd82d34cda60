"""What a person answered about a problem, and the report that follows from it. Without Qt, without a clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Self

from crashdesk.agent.ui.parts import file_keys, names, without
from crashdesk.protocol.envelope import Envelope, Item
from crashdesk.protocol.feedback import Feedback

SOURCE = "crash_window"
MAX_STANDING = 200
"""Problems for which "do not ask again" is remembered; the oldest are asked about again."""


class Action(StrEnum):
    """What is to become of the report."""

    SEND = "send"
    LATER = "later"
    REFUSE = "refuse"


class HowOften(StrEnum):
    """Answers to "Does it happen every time?"."""

    EVERY_TIME = "every_time"
    SOMETIMES = "sometimes"
    FIRST_TIME = "first_time"


@dataclass(frozen=True, slots=True)
class Reply:
    """Everything that one crash window answers."""

    action: Action = Action.LATER
    words: str = ""
    how_often: str | None = None
    contact: str | None = None
    removed: frozenset[str] = frozenset()
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    is_for_ever: bool = False
    is_restart_wanted: bool = False

    def for_repeats(self, envelope: Envelope) -> Self:
        """Return the reply as it holds for another report of the same problem: no words, no picture, no file in doubt.

        Files are told apart by their place in one envelope only: who switched off one of them has not said yes to those
        of another report. A picture is sent only after a look at it.
        """
        facts = frozenset(key for key in self.removed if not key.startswith(("file:", "item:")))
        files = file_keys(envelope, only_pictures=facts == self.removed)
        return replace(self, words="", how_often=None, contact=None, removed=facts | files, pictures={})

    @property
    def left_out(self) -> list[str]:
        """What must not be sent another time: also a picture, whose black bars are not remembered."""
        return sorted(self.removed | self.pictures.keys())

    def draft(self) -> dict[str, Any]:
        """Return what is worth keeping when the window is put aside."""
        return {
            "words": self.words,
            "how_often": self.how_often,
            "contact": self.contact,
            "removed": self.left_out,
        }


def reply_from_draft(draft: Mapping[str, Any] | None) -> Reply:
    """Return the reply that was put aside; odd values count as not answered."""
    kept = draft or {}
    return Reply(
        words=str(kept.get("words") or ""),
        how_often=kept.get("how_often") if kept.get("how_often") in set(HowOften) else None,
        contact=str(kept["contact"]) if kept.get("contact") else None,
        removed=names(kept.get("removed")),
    )


def compose(envelope: Envelope, reply: Reply, feedback_id: str) -> Envelope:
    """Return the report as it is to be sent: without what was switched off, with the person's words."""
    cut = without(envelope, reply.removed, reply.pictures)
    items = [_with_how_often(item, reply.how_often) for item in cut.items]
    if reply.words or reply.contact:
        items.append(_feedback(envelope, reply, feedback_id).to_item())
    return cut if items == cut.items else replace(cut, items=items)


def _feedback(envelope: Envelope, reply: Reply, feedback_id: str) -> Feedback:
    return Feedback(
        feedback_id=feedback_id,
        message=reply.words,
        kind="problem",
        contact_email=reply.contact,
        associated_event_id=envelope.event_id,
        source=SOURCE,
    )


def _with_how_often(item: Item, how_often: str | None) -> Item:
    if how_often is None or item.type != "event":
        return item
    payload = item.json()
    contexts = payload.setdefault("contexts", {})
    contexts.setdefault("crashdesk", {})["how_often"] = how_often
    headers = {name: value for name, value in item.headers.items() if name not in {"type", "length"}}
    return Item.from_json("event", payload, **headers)


def standing_to_json(replies: Mapping[str, Reply]) -> dict[str, Any]:
    """Return the answers given for ever, for the outbox's memory; the newest MAX_STANDING of them."""
    newest = list(replies.items())[-MAX_STANDING:]
    return {likeness: {"action": str(reply.action), "removed": reply.left_out} for likeness, reply in newest}


def standing_from_json(value: Any) -> dict[str, Reply]:
    """Return the answers given for ever; an odd entry means that the person is asked again."""
    found = {}
    for likeness, entry in value.items() if isinstance(value, dict) else ():
        if isinstance(entry, dict) and entry.get("action") in set(Action):
            action, removed = Action(entry["action"]), names(entry.get("removed"))
            found[str(likeness)] = Reply(action=action, removed=removed, is_for_ever=True)
    return found

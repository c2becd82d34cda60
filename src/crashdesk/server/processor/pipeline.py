"""The ordered table of rules that turn an item's JSON object into what is stored; one that fails is noted."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from crashdesk import logs
from crashdesk.server.events.bodies import OWN_KEY
from crashdesk.server.processor.draft import EVENT, FEEDBACK, USER_REPORT, Draft
from crashdesk.server.processor.rules import (
    clock,
    derive,
    feedback,
    frames,
    group,
    release,
    scrub,
    shape,
    snapshot,
    symbolicate,
    tags,
    values,
)

ALL = frozenset({EVENT, FEEDBACK, USER_REPORT})
EVENTS = frozenset({EVENT})
WORDS = frozenset({FEEDBACK, USER_REPORT})

_log = logs.logger("processor")


@dataclass(frozen=True, slots=True)
class Rule:
    """One step: its name in notes, what it does for whoever reads the help, and which items it is for.

    A report whose essential rule failed is not stored as if nothing had happened: it becomes one that could not be
    processed.
    """

    name: str
    description: str
    apply: Callable[[Draft], None]
    items: frozenset[str] = EVENTS
    is_essential: bool = False


RULES: tuple[Rule, ...] = (
    Rule(values.NAME, "Cleans text and numbers, bounds depth and amount.", values.apply, ALL, is_essential=True),
    Rule(shape.NAME, "Gives every part its one form, drops parts of a wrong type.", shape.apply, ALL - {USER_REPORT}),
    Rule(scrub.NAME, "Removes secrets.", scrub.apply, ALL, is_essential=True),
    Rule(clock.NAME, "Corrects the time of a device with a wrong clock.", clock.apply, ALL),
    Rule(release.NAME, "Reads release and environment.", release.apply, ALL),
    Rule(feedback.NAME, "Reads a user's own words.", feedback.apply, WORDS, is_essential=True),
    Rule(snapshot.NAME, "Reads facts of the snapshot by which people search.", snapshot.apply),
    Rule(symbolicate.NAME, "Names frames by symbols and source maps, notes which are missing.", symbolicate.apply),
    Rule(group.NAME, "Decides to which issue the event belongs.", group.apply, is_essential=True),
    Rule(frames.NAME, "Marks the product's own frames.", frames.apply),
    Rule(derive.NAME, "Reads kind, level, title, place, likeness and user.", derive.apply),
    Rule(tags.NAME, "Collects tags for search and for what is unusual.", tags.apply),
)


def process(draft: Draft, rules: tuple[Rule, ...] = RULES) -> Draft:
    """Let the rules work on `draft` one after the other and write their notes into its payload."""
    for rule in rules:
        if draft.item in rule.items:
            _apply(rule, draft)
    draft.payload[OWN_KEY] = _own(draft)
    return draft


def _apply(rule: Rule, draft: Draft) -> None:
    try:
        rule.apply(draft)
    except Exception as error:
        if rule.is_essential:
            raise
        # the class only: a message of an exception may hold text of the report
        _log.warning("Rule %s failed: %s", rule.name, type(error).__name__, extra={"fields": {"event": draft.id}})
        draft.note(rule.name, type(error).__name__)


def _own(draft: Draft) -> dict[str, Any]:
    own: dict[str, Any] = {"notes": draft.notes}
    if draft.arrival.withdrawal_digest:
        own["withdrawal_digest"] = draft.arrival.withdrawal_digest
    if draft.missing_symbols:
        own["missing_symbols"] = draft.missing_symbols
    if draft.fingerprint is not None:
        own["grouping"] = draft.fingerprint.to_json()
    return own

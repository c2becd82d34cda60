"""What an answer to a report means: pure, from status, body and headers to what becomes of the report."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from crashdesk.protocol.envelope import normalise_event_id

_MAX_WORD = 120


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: `json` is the body where it is JSON, else None; header names are in lower case."""

    status: int
    json: Any
    headers: Mapping[str, str]


class Fate(Enum):
    """What becomes of the report."""

    DELIVERED = "delivered"
    AGAIN = "again"
    LIMITED = "limited"
    KEY_REFUSED = "key refused"
    PARKED = "parked"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The fate of a report and the sentence that the person reads about it."""

    fate: Fate
    reason: str = ""


_MEANINGS: tuple[tuple[Collection[int], Verdict], ...] = (
    (
        range(300, 400),
        Verdict(Fate.AGAIN, "The answer pointed to another address ({status}); a report is never sent on to one."),
    ),
    ({400, 413, 415, 422}, Verdict(Fate.PARKED, "The server refused this report ({status}{word}).")),
    (
        {401, 403},
        Verdict(
            Fate.KEY_REFUSED, "The server refused the key of this product ({status}{word}): its makers can correct it."
        ),
    ),
    ({429, 503}, Verdict(Fate.LIMITED, "The server asked to come back later ({status}).")),
    ({407}, Verdict(Fate.AGAIN, "The proxy of this network asks for a sign-in ({status}).")),
)
_OTHER = Verdict(Fate.AGAIN, "The server could not take it ({status}).")
_FOREIGN = Verdict(
    Fate.AGAIN, "Something else than the server answered ({status}): a sign-in page of this network, perhaps."
)


def judge(answer: Answer, event_id: str | None) -> Verdict:
    """Decide what `answer` means for the envelope with `event_id`; only our own server's receipt counts as delivery."""
    if 200 <= answer.status < 300:
        verdict = Verdict(Fate.DELIVERED) if _names(answer, event_id) else _FOREIGN
    else:
        verdict = next((meaning for statuses, meaning in _MEANINGS if answer.status in statuses), _OTHER)
    return replace(verdict, reason=verdict.reason.format(status=answer.status, word=_word(answer)))


def _names(answer: Answer, event_id: str | None) -> bool:
    named = answer.json.get("id") if isinstance(answer.json, dict) else None
    return event_id is not None and normalise_event_id(named) == event_id


def _word(answer: Answer) -> str:
    """Return the server's own word for its reason, short and printable, for it is not trusted."""
    detail = answer.json.get("detail") if isinstance(answer.json, dict) else None
    word = answer.headers.get("x-sentry-error") or (detail if isinstance(detail, str) else "")
    printable = "".join(char for char in word[:_MAX_WORD] if char.isprintable())
    return f", {printable}" if printable else ""

"""The query language of the issue list: words, ``"quoted text"``, ``key:value``, ``!`` before any of them.

``is:unresolved release:2.4* "no attribute" !environment:lab``. Words and quoted text are looked for in type, message
and place of an issue, whatever their case; an issue's name and an event's id find their issue too. A key that KEYS
does not name is a tag. ``*`` at the end of a value stands for anything. Pure: text to terms; what they select is said
in ``filters``.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lark import Lark, Token, Transformer, UnexpectedInput

from crashdesk.errors import UsageError
from crashdesk.server.issues.states import REGRESSED, STATES

MOST_CHARACTERS = 1000
MOST_TERMS = 20
TEXT = ""  # the key of a term without a key

_GRAMMAR = r"""
    start: _SPACE? (term (_SPACE term)*)? _SPACE?
    term: NOT? (KEY? (QUOTED | WORD))
    NOT: "!"
    KEY.2: /[A-Za-z_][A-Za-z0-9_.\-]{0,199}:/
    QUOTED.1: /"(?:[^"\\]|\\.)*"/
    WORD: /[^\s"!][^\s"]*/
    _SPACE: /\s+/
"""


class SearchError(UsageError):
    """A query that cannot be read; `position` counts characters from 0 and says where."""

    def __init__(self, text: str, position: int) -> None:
        super().__init__(text)
        self.position = position


@dataclass(frozen=True, slots=True)
class Term:
    """One condition; `key` is TEXT for free text, `is_prefix` says that the value ended with ``*``."""

    key: str
    value: str
    position: int
    is_negated: bool = False
    is_prefix: bool = False


@dataclass(frozen=True, slots=True)
class Key:
    """A key that means more than a tag: what it does, and which values it takes (none named: any)."""

    name: str
    description: str
    values: tuple[str, ...] = ()


KEYS: dict[str, Key] = {
    key.name: key
    for key in (
        Key(
            "is",
            "The state of the issue, whether it came back after it was resolved, whether somebody has it.",
            (*STATES, REGRESSED, "assigned", "unassigned"),
        ),
        Key(
            "has", "Issues that come with a user's own words, a known user, a release.", ("feedback", "user", "release")
        ),
        Key("kind", "How it failed: python, native, hang, message and so on."),
        Key("level", "fatal, error, warning, info or debug."),
        Key("type", "The type of the exception, such as KeyError."),
        Key("release", "Seen in this release, named whole or by its version; 2.4* means all that begin with 2.4."),
        Key("environment", "Seen in this environment, such as production."),
        Key("assignee", "Who has it: me, none, or an e-mail address."),
    )
}


def parse(text: str) -> list[Term]:
    """Return the terms of a query; raises SearchError with the position of what cannot be read."""
    if len(text) > MOST_CHARACTERS:
        raise SearchError(f"A query has at most {MOST_CHARACTERS} characters: leave something out.", MOST_CHARACTERS)
    try:
        terms: list[Term] = _Terms().transform(_parser().parse(text))
    except UnexpectedInput as error:
        raise _unreadable(text, error) from error
    if len(terms) > MOST_TERMS:
        raise SearchError(f"A query has at most {MOST_TERMS} parts: leave some out.", terms[MOST_TERMS].position)
    for term in terms:
        _check(term)
    return terms


@lru_cache(maxsize=1)
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="lalr")


class _Terms(Transformer[Token, list[Term]]):
    def term(self, tokens: list[Token]) -> Term:
        by_type = {token.type: token for token in tokens}
        value = tokens[-1]
        is_quoted = value.type == "QUOTED"
        text = _unquoted(value) if is_quoted else str(value)
        is_prefix = not is_quoted and len(text) > 1 and text.endswith("*") and "KEY" in by_type
        return Term(
            key=str(by_type["KEY"])[:-1] if "KEY" in by_type else TEXT,
            value=text[:-1] if is_prefix else text,
            position=tokens[0].start_pos or 0,
            is_negated="NOT" in by_type,
            is_prefix=is_prefix,
        )

    def start(self, terms: list[Any]) -> list[Term]:
        return terms


def _unquoted(token: str) -> str:
    return token[1:-1].replace('\\"', '"').replace("\\\\", "\\")


def _unreadable(text: str, error: UnexpectedInput) -> SearchError:
    position: int = getattr(error, "pos_in_stream", -1)
    is_at_end = getattr(getattr(error, "token", None), "type", "") == "$END"
    if is_at_end or not 0 <= position < len(text):
        position = len(text)
    before = text[:position]
    if before.endswith(":"):
        return SearchError(f"After {before.split()[-1]} a value is missing.", position)
    if text[position : position + 1] == '"':
        if text.count('"', position) == 1:
            return SearchError('A quote is opened and not closed: add " at its end.', position)
        return SearchError("Put a space before the quote, or quote the whole value.", position)
    return SearchError(f'At character {position + 1} the query cannot be read: quote text that holds ! or ".', position)


def _check(term: Term) -> None:
    """Raise SearchError for a value that its key does not take."""
    key = KEYS.get(term.key)
    if key and key.values and term.value not in key.values:
        raise SearchError(f"{term.key}: takes {', '.join(key.values)}, not {term.value}.", term.position)
    if term.key == "release" and term.value[:1] in {"<", ">"}:
        raise SearchError(
            "Releases are not compared here: name one, or the beginning of some, like 2.4*.", term.position
        )

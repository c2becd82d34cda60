"""How an issue is called: the project's slug in capitals and the number within the project, FIELDBOOK-12."""

import re
from typing import NamedTuple

_SHORT_ID = re.compile(r"([A-Za-z0-9](?:[A-Za-z0-9_-]{0,48}[A-Za-z0-9])?)-([1-9][0-9]{0,8})")


class ShortId(NamedTuple):
    """A project's slug and the issue's number in it."""

    slug: str
    number: int


def short_id(slug: str, number: int) -> str:
    return f"{slug.upper()}-{number}"


def parse_short_id(text: str) -> ShortId | None:
    """Return what `text` names, or None when it has not the form of a short id."""
    found = _SHORT_ID.fullmatch(text)
    return ShortId(found[1].lower(), int(found[2])) if found else None

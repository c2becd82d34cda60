"""Whom an erasure is about, and how one sees that bytes or text hold what names that person."""

import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import orjson

from crashdesk.errors import UsageError
from crashdesk.protocol import foreign
from crashdesk.server.events.digests import USER_FIELDS, digest_of

LEAST_TEXT = 4  # characters; what is shorter is looked for as a user's id only, not in every text
ERASED = "[erased]"
_DIGEST = re.compile(r"[0-9a-f]{16}")
_OF_USER = (*USER_FIELDS, "name")


@dataclass(frozen=True)
class Person:
    """A user's id, mail address, name, IP address, or the digest that pages show; in one project or in all of them.

    Raises UsageError when nothing is told.
    """

    told: str
    project_id: int | None = None

    def __post_init__(self) -> None:
        if not self.told.strip():
            raise UsageError("Say whose data to erase: an id, a mail address, a name, or an IP address.")

    @property
    def text(self) -> str:
        return self.told.strip()

    def digests(self, project_id: int) -> set[str]:
        """Return under which digests this person may have been counted in a project."""
        own = {self.text} if _DIGEST.fullmatch(self.text) else set()
        forms = {self.text, self.text.lower()}
        return own | {digest_of(project_id, field, form) for field in USER_FIELDS for form in forms}

    def is_in(self, data: bytes) -> bool:
        """Whether bytes of any kind hold what names the person, as a word of its own, in any case."""
        if self._is_short:
            return False
        lowered = data.lower()
        return any(needle in lowered for needle in self._needles) and self._pattern.search(lowered) is not None

    def is_in_text(self, text: str) -> bool:
        return self.is_in(text.encode("utf-8", "replace"))

    def is_user_of(self, body: bytes) -> bool:
        """Whether the event or feedback with this body, as JSON, came from the person."""
        if not any(needle in body.lower() for needle in self._needles):
            return False
        payload = orjson.loads(body)
        user = foreign.mapping(payload.get("user"))
        words = foreign.mapping(foreign.mapping(payload.get("contexts")).get("feedback"))
        named = [user.get(name) for name in _OF_USER] + [words.get(name) for name in ("name", "contact_email")]
        return any(self._is(foreign.text(name)) for name in named)

    def without(self, text: str) -> str:
        """Return `text` with a mark in the place of what names the person."""
        return text if self._is_short else self._text_pattern.sub(ERASED, text)

    def without_in(self, value: Any) -> Any:
        """Return a JSON value likewise."""
        if isinstance(value, str):
            return self.without(value)
        if isinstance(value, dict):
            return {key: self.without_in(entry) for key, entry in value.items()}
        return [self.without_in(entry) for entry in value] if isinstance(value, list) else value

    @property
    def longest(self) -> int:
        """How many bytes before and behind a place can belong to a match."""
        return max(map(len, self._needles)) + 2

    @property
    def _is_short(self) -> bool:
        return len(self.text) < LEAST_TEXT

    def _is(self, text: str | None) -> bool:
        return text is not None and text.strip().lower() == self.text.lower()

    @cached_property
    def _needles(self) -> list[bytes]:
        """How the text may be written: plain, as JSON of either kind, as UTF-16 in a dump; in lower case."""
        plain = orjson.dumps(self.text)[1:-1]
        escaped = json.dumps(self.text)[1:-1].encode()
        forms = (self.text.encode(), plain, escaped, self.text.encode("utf-16-le"))
        return sorted({form.lower() for form in forms})

    @cached_property
    def _pattern(self) -> re.Pattern[bytes]:
        found = b"|".join(re.escape(needle) for needle in self._needles)
        return re.compile(b"(?<![0-9a-z_])(?:" + found + b")(?![0-9a-z_])")

    @cached_property
    def _text_pattern(self) -> re.Pattern[str]:
        return re.compile(rf"(?<!\w){re.escape(self.text)}(?!\w)", re.IGNORECASE)

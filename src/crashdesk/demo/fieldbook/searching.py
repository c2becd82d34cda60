"""Finding a phrase in all documents; `*` stands for a few words between. Home of the bug `slow_search`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from crashdesk.demo.fieldbook.library import Document

WORDS_IN_GAP = 5


@dataclass(frozen=True, slots=True)
class Match:
    """One line that holds the phrase."""

    document: Document
    line: int
    text: str


def pattern_of(phrase: str) -> re.Pattern[str]:
    """Turn the phrase into a pattern; case does not matter."""
    parts = [re.escape(part.strip()) for part in phrase.split("*")]
    gap = rf"(?:\s*\w+){{0,{WORDS_IN_GAP}}}\s*"
    return re.compile(rf"\b{gap.join(parts)}", re.IGNORECASE)


def matching_lines(pattern: re.Pattern[str], document: Document) -> Iterator[Match]:
    """Yield the lines of one document in which the pattern is found."""
    for line, text in enumerate(document.text.splitlines()):
        if pattern.search(text):
            yield Match(document, line, text.strip())


def find_everywhere(phrase: str, documents: list[Document]) -> list[Match]:
    """Look through all documents."""
    pattern = pattern_of(phrase)
    return [match for document in documents for match in matching_lines(pattern, document)]

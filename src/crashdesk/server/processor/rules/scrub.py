"""Removes secrets once more: other SDKs do not scrub, and the table here may be newer than that of a client."""

from collections.abc import Callable, Iterable, Sequence

import re2

from crashdesk.protocol.scrubbing import Scrubber
from crashdesk.server.processor.draft import Draft

NAME = "scrub"
_options = re2.Options()
_options.log_errors = False


def compile_set(patterns: Sequence[str]) -> Callable[[str], Iterable[int]]:
    """Return what says in one pass which patterns a text matches."""
    found_together = re2.Set.SearchSet(_options)
    for pattern in (*patterns, ""):  # the empty one always matches, unless the set ran out of memory
        found_together.Add(pattern)
    found_together.Compile()
    everything = range(len(patterns))

    def select(text: str) -> Iterable[int]:
        numbers = found_together.Match(text) or ()
        return [number for number in numbers if number in everything] if len(patterns) in numbers else everything

    return select


_scrubber = Scrubber(compile=lambda pattern: re2.compile(pattern, _options), compile_set=compile_set)


def apply(draft: Draft) -> None:
    """Replace the payload by a copy without what the table of secrets names."""
    draft.payload = _scrubber.value(draft.payload)

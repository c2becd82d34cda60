"""Normalises values: text without U+0000 and lone surrogates, finite numbers of usual size, bounded depth and amount.

Done once, at the door to the database, so that nothing later meets what a database or a reader of JSON refuses.
"""

import math
from collections import Counter
from typing import Any

from crashdesk.server.processor.draft import Draft

NAME = "values"
MOST_DEPTH = 60
TEXT_LIMIT = 16_000
KEY_LIMIT = 200
MOST_TEXT = 2_000_000
MOST_NODES = 100_000
MOST_INTEGER = 2**63
CUT = "…"
TOO_DEEP = "[too deep]"


def apply(draft: Draft) -> None:
    """Replace the payload by a clean copy where anything in it needs cleaning, and note what was done."""
    if is_clean(draft.payload):
        return
    cleaner = _Cleaner()
    draft.payload = cleaner.copy(draft.payload)
    for problem, count in sorted(cleaner.problems.items()):
        draft.note(NAME, problem, count=count)


def cleaned(payload: dict[str, Any]) -> dict[str, Any]:
    """Return the payload, as a clean copy where anything in it needs cleaning, for what has no draft to note it in."""
    return payload if is_clean(payload) else _Cleaner().copy(payload)


def is_clean(payload: dict[str, Any]) -> bool:
    """Whether nothing needs cleaning: the usual case, told at a fraction of the cost of a copy."""
    nodes = 0
    keys: list[str] = []
    texts: list[str] = []
    level: list[Any] = [payload]
    for _ in range(MOST_DEPTH):
        below: list[Any] = []
        for container in level:
            nodes += len(container)
            if nodes > MOST_NODES or not _sort(container, keys, texts, below):
                return False
        if not below:
            return _are_clean(keys, KEY_LIMIT) and _are_clean(texts, TEXT_LIMIT)
        level = below
    return False


def _sort(container: Any, keys: list[str], texts: list[str], below: list[Any]) -> bool:
    """Put what stands in `container` where it is looked at next; return False at a number that needs cleaning."""
    if type(container) is dict:
        keys.extend(container)
        container = container.values()
    for child in container:
        kind = type(child)
        if kind is str:
            texts.append(child)
        elif kind is dict or kind is list:
            below.append(child)
        elif (kind is float and not math.isfinite(child)) or (kind is int and abs(child) >= MOST_INTEGER):
            return False
    return True


def _are_clean(texts: list[str], limit: int) -> bool:
    """Judge all texts at once: joined they are one search, not a thousand."""
    joined = "".join(texts)
    return (
        max(map(len, texts), default=0) <= limit
        and len(joined) <= MOST_TEXT
        and "\0" not in joined
        and _is_unicode(joined)
    )


class _Cleaner:
    """Copies a JSON value without recursion, breadth first, and counts what it had to change."""

    def __init__(self) -> None:
        self.problems: Counter[str] = Counter()
        self._nodes = 0
        self._text = 0

    def copy(self, payload: dict[str, Any]) -> dict[str, Any]:
        root: dict[str, Any] = {}
        level: list[tuple[Any, Any]] = [(payload, root)]
        for depth in range(1, MOST_DEPTH + 1):
            below: list[tuple[Any, Any]] = []
            for source, target in level:
                self._fill(source, target, below, is_last=depth == MOST_DEPTH)
            level = below
        return root

    def _fill(self, source: Any, target: Any, below: list[tuple[Any, Any]], *, is_last: bool) -> None:
        pairs = source.items() if isinstance(source, dict) else enumerate(source)
        for key, child in pairs:
            self._nodes += 1
            if self._nodes > MOST_NODES:
                self.problems["left_out"] += 1
                return
            value: Any
            if isinstance(child, dict | list):
                value = self._container(child, below, is_last=is_last)
            else:
                value = self._scalar(child)
            if isinstance(target, dict):
                target[self._clean(str(key))[:KEY_LIMIT]] = value
            else:
                target.append(value)

    def _container(self, child: Any, below: list[tuple[Any, Any]], *, is_last: bool) -> Any:
        if is_last:
            self.problems["too_deep"] += 1
            return TOO_DEEP
        copy: Any = {} if isinstance(child, dict) else []
        below.append((child, copy))
        return copy

    def _scalar(self, child: Any) -> Any:
        if isinstance(child, str):
            return self._bounded(self._clean(child))
        if isinstance(child, float) and not math.isfinite(child):
            self.problems["number_not_finite"] += 1
            return str(child)
        if isinstance(child, int) and abs(child) >= MOST_INTEGER:
            self.problems["number_too_large"] += 1
            return hex(child)[: 2 * KEY_LIMIT]
        return child

    def _clean(self, text: str) -> str:
        if "\0" in text:
            self.problems["character_removed"] += 1
            text = text.replace("\0", "")
        if not _is_unicode(text):
            self.problems["character_replaced"] += 1
            text = text.encode("utf-8", "replace").decode("utf-8")
        return text

    def _bounded(self, text: str) -> str:
        room = min(TEXT_LIMIT, max(0, MOST_TEXT - self._text))
        if len(text) > room:
            self.problems["text_cut"] += 1
            text = text[:room] + CUT
        self._text += len(text)
        return text


def _is_unicode(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True

"""The walk through a report that is scrubbed: its strings are gathered, scrubbed together and put back where changed.

It runs over every value of every report, so the usual case goes by the shortest way: containers are copied as they are,
and only what changes is written into the copy.
"""

import re
from collections.abc import Callable
from typing import Any

from crashdesk.protocol.secrets_table import REMOVED, is_card

# names of distributions are keys that only look like secrets: "google-auth", "tokenizers", "secretstorage"
NAMES_AS_KEYS = frozenset({"modules", "distributions"})

# lines of source code
CODE_KEYS = frozenset({"context_line", "pre_context", "post_context"})

_SMALLEST_CARD, _BEYOND_CARDS = 10**12, 10**19
_label = re.compile(r"[0-9A-Za-z_.-]{1,60}")

_PLAIN = frozenset({bool, float, type(None)})

Scrub = Callable[[list[str]], list[str]]


class Keys:
    """What is known of keys: how they read when scrubbed, whether their value must go; most are harmless."""

    def __init__(self, scrub: Callable[[str], str], is_sensitive: Callable[[str], bool]) -> None:
        self._scrub = scrub
        self.is_sensitive = is_sensitive
        self._known: dict[str, tuple[str, bool]] = {}
        self.harmless: set[Any] = set()

    def look(self, name: str) -> tuple[str, bool]:
        """Return a key scrubbed, and whether its value must go."""
        known = self._known.get(name)
        if known is None:
            if len(self._known) > 4096:
                self._known.clear()
                self.harmless.clear()
            known = self._known[name] = (self._scrub(name), self.is_sensitive(name))
            if known == (name, False) and name != "value":  # which may stand beside the name of a secret
                self.harmless.add(name)
        return known

    def name_a_secret(self, label: Any) -> bool:
        """Say whether a value, not a key, is the name of a secret that stands beside it."""
        return isinstance(label, str) and _label.fullmatch(label) is not None and self.is_sensitive(label)


class Gathered:
    """Texts of one kind, and of each the container and the place in it where it stands."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.places: list[tuple[Any, Any]] = []

    def put_back(self, scrub: Scrub) -> None:
        """Write into their places the texts that change."""
        scrubbed = scrub(self.texts)
        if scrubbed is self.texts:
            return
        for (target, place), before, text in zip(self.places, self.texts, scrubbed, strict=True):
            if text != before:
                target[place] = text


class Walk:
    """Copies a JSON value without recursion and gathers its strings."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self.texts = Gathered()
        self.code = Gathered()
        self._waiting: list[tuple[Any, Any]] = []

    def copy(self, value: Any) -> list[Any]:
        """Return a list whose only entry is a copy of `value`, in which the gathered texts have their places."""
        root = [value]
        self._take(root, root[0:], None)
        waiting = self._waiting
        while waiting:
            target, under = waiting.pop()
            if isinstance(target, dict):
                self._object(target, under)
            else:
                self._list(target, under)
        return root

    def _object(self, target: dict[Any, Any], under: Any) -> None:
        if self._keys.harmless.issuperset(target):
            self._children(target)
        else:
            self._object_with_care(target, under)

    def _children(self, target: dict[Any, Any]) -> None:
        """Look at what stands under harmless keys: ``_put`` for each, without its call for what is frequent."""
        texts, places, waiting = self.texts.texts, self.texts.places, self._waiting
        for name, child in target.items():
            kind = type(child)
            if kind is str and name not in CODE_KEYS:
                texts.append(child)
                places.append((target, name))
            elif kind is dict or kind is list:
                target[name] = copied = child.copy()
                waiting.append((copied, name))
            elif kind not in _PLAIN:
                self._put(target, name, child, name)

    def _object_with_care(self, target: dict[Any, Any], under: Any) -> None:
        """Fill an object anew whose keys may have to change, or whose values may have to go."""
        source = dict(target)
        target.clear()
        holds_names = under in NAMES_AS_KEYS
        label = source.get("key", source.get("name")) if "value" in source else None
        is_labelled = self._keys.name_a_secret(label)
        for name, child in source.items():
            key, is_sensitive = self._keys.look(name) if isinstance(name, str) else (name, False)
            if (is_sensitive and not holds_names) or (is_labelled and name == "value"):
                target[key] = _blanked(child)
            else:
                target[key] = child
                self._put(target, key, child, name)

    def _list(self, target: list[Any], under: Any) -> None:
        is_code = under in CODE_KEYS
        if len(target) == 2 and not is_code and self._keys.name_a_secret(target[0]):
            target[1] = _blanked(target[1])
            self._take(target, target[:1], None)
        else:
            self._take(target, target, under if is_code else None)

    def _take(self, target: list[Any], children: list[Any], under: Any) -> None:
        gathered = self.code if under in CODE_KEYS else self.texts
        texts, places = gathered.texts, gathered.places
        for place, child in enumerate(children):
            if type(child) is str:
                texts.append(child)
                places.append((target, place))
            else:
                self._put(target, place, child, under)

    def _put(self, target: Any, place: Any, child: Any, under: Any) -> None:
        """Look at `child`, which stands under the key `under`; a container is copied and looked into later."""
        if isinstance(child, str):
            gathered = self.code if under in CODE_KEYS else self.texts
            gathered.texts.append(child)
            gathered.places.append((target, place))
        elif isinstance(child, dict):
            target[place] = copy = dict(child)
            self._waiting.append((copy, under))
        elif isinstance(child, list | tuple):
            target[place] = copied = list(child)
            self._waiting.append((copied, under))
        elif isinstance(child, int) and _SMALLEST_CARD <= child < _BEYOND_CARDS and is_card(str(child)):
            target[place] = REMOVED


def _blanked(value: Any) -> Any:
    """Return what stands in place of a secret: nothing and truth values tell no secret and stay."""
    return value if value is None or isinstance(value, bool) or value == "" else REMOVED

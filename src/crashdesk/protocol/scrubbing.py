"""Removal of secrets and personal data: the table's rules over text, and a walk through a whole report.

The client runs it before anything reaches the disk, the processor again before anything is stored. The matcher is
passed in: ``re.compile`` on the client, RE2's in the processor. All strings of a report are joined and matched at once,
and only the rules that can match are tried: by their hints, or by a set of patterns where the matcher has one.
"""

import functools
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from crashdesk.protocol.secrets_table import REMOVED, RULES, SENSITIVE_KEY, SEPARATOR, Rule, is_card

__all__ = ["REMOVED", "RULES", "SENSITIVE_KEY", "Rule", "Scrubber", "is_sensitive_key"]

# names of distributions are keys that only look like secrets: "google-auth", "tokenizers", "secretstorage"
NAMES_AS_KEYS = frozenset({"modules", "distributions"})

# lines of source code
CODE_KEYS = frozenset({"context_line", "pre_context", "post_context"})

# words of code and logs that are also names of users and machines; removing them would tear reports apart
_COMMON_NAMES = frozenset(
    {"admin", "administrator", "app", "debian", "desktop", "docker", "guest", "home", "host", "laptop", "local",
     "localhost", "main", "python", "root", "runner", "server", "test", "tester", "ubuntu", "user", "users", "vagrant"}
)  # fmt: skip

# says which of the patterns (by number) a text may match; a set that cannot tell must name them all
Selector = Callable[[str], Iterable[int]]

_AGAIN = 3  # passes for secrets that stand so close together that one hides the beginning of the next

_sensitive_key = re.compile(SENSITIVE_KEY)
_label = re.compile(r"[0-9A-Za-z_.-]{1,60}")


def is_sensitive_key(name: str) -> bool:
    """Say whether what stands under this key is removed whatever it is."""
    return _sensitive_key.search(name) is not None


class Scrubber:
    """Removes what the table names, this user's home folder, user name and host name; twice is the same as once."""

    def __init__(
        self,
        home: str | None = None,
        user_name: str | None = None,
        host_name: str | None = None,
        *,
        compile: Callable[[str], Any] = re.compile,  # noqa: A002 - named like what it stands for
        compile_set: Callable[[Sequence[str]], Selector] | None = None,
        optional: Iterable[str] = (),
    ) -> None:
        wanted = set(optional)
        own = (_home_rule(home), *_name_rules(user_name), *_name_rules(host_name))
        rules = [rule for rule in (*own, *RULES) if rule is not None and (not rule.is_optional or rule.name in wanted)]
        tools = _Tools(compile, compile_set)
        self._for_text = _Matcher([(rule, rule.pattern) for rule in rules], tools)
        self._for_code = _Matcher([(rule, rule.code_pattern or rule.pattern) for rule in rules], tools)
        self._keys: dict[str, tuple[str, bool]] = {}

    def text(self, text: str) -> str:
        """Return `text` without what must not leave."""
        return self._for_text.scrub(text)

    def value(self, value: Any) -> Any:
        """Return a scrubbed copy of a JSON value of any depth; what is no JSON stays as it is."""
        return _Walk(self).copy(value)

    def texts(self, texts: list[str]) -> list[str]:
        """Return each text scrubbed, in one pass over all of them."""
        return self._for_text.scrub_all(texts)

    def code(self, lines: list[str]) -> list[str]:
        """Return each line of source code scrubbed: what is written out goes, names and calls stay."""
        return self._for_code.scrub_all(lines)

    def key(self, name: str) -> tuple[str, bool]:
        """Return a key of an object scrubbed, and whether its value must go."""
        known = self._keys.get(name)
        if known is None:
            if len(self._keys) > 4096:
                self._keys.clear()
            known = self._keys[name] = (self.text(name), is_sensitive_key(name))
        return known


@dataclass(frozen=True, slots=True)
class _Tools:
    """The library that matches."""

    compile: Callable[[str], Any]
    compile_set: Callable[[Sequence[str]], Selector] | None


class _Pass:
    """Applies rules, in their order, to a text once; a pattern is compiled when it is first needed."""

    def __init__(self, rules: list[tuple[Rule, str]], tools: _Tools) -> None:
        patterns = [pattern for _, pattern in rules]
        self._rules = rules
        self._compile = functools.cache(tools.compile)
        self._select = tools.compile_set(patterns) if tools.compile_set else _by_hints(rules)
        self._is_exact = tools.compile_set is not None

    def __call__(self, text: str) -> str:
        waiting = sorted(self._select(text), reverse=True)
        while waiting:
            number = waiting.pop()
            rule, pattern = self._rules[number]
            scrubbed = str(self._compile(pattern).sub(rule.replacement, text))
            if scrubbed != text and self._is_exact:  # a later rule may match only now; hints named it already
                waiting = sorted((later for later in self._select(scrubbed) if later > number), reverse=True)
            text = scrubbed
        return text


class _Matcher:
    """Applies rules to one text or to many at once, again where a removal laid a neighbour bare."""

    def __init__(self, rules: list[tuple[Rule, str]], tools: _Tools) -> None:
        self._first = _Pass(rules, tools)
        self._again = _Pass([(rule, pattern) for rule, pattern in rules if rule.minds_neighbours], tools)

    def scrub(self, text: str) -> str:
        try:
            return self._scrub(text)
        except UnicodeEncodeError:  # RE2 matches UTF-8, which has no lone surrogates
            return self._scrub(text.encode("utf-8", "replace").decode("utf-8"))

    def _scrub(self, text: str) -> str:
        scrubbed = self._first(text)
        for _ in range(_AGAIN):
            if scrubbed == text:
                break
            text, scrubbed = scrubbed, self._again(scrubbed)
        return scrubbed

    def scrub_all(self, texts: list[str]) -> list[str]:
        if any(SEPARATOR in text for text in texts):
            return [self.scrub(text) for text in texts]
        return self.scrub(SEPARATOR.join(texts)).split(SEPARATOR) if texts else []


@dataclass(slots=True)
class _Gathered:
    """Texts of one kind and the places that they came from."""

    texts: list[str] = field(default_factory=list)
    places: list[tuple[Any, Any]] = field(default_factory=list)

    def add(self, text: str, target: Any, place: Any) -> None:
        target[place] = text
        self.texts.append(text)
        self.places.append((target, place))

    def put_back(self, scrub: Callable[[list[str]], list[str]]) -> None:
        for (target, place), text in zip(self.places, scrub(self.texts), strict=True):
            target[place] = text


class _Walk:
    """Copies a JSON value without recursion; the strings are gathered, scrubbed together and put in their places."""

    def __init__(self, scrubber: Scrubber) -> None:
        self._scrubber = scrubber
        self._texts = _Gathered()
        self._code = _Gathered()
        self._waiting: list[tuple[Any, Any, Any]] = []

    def copy(self, value: Any) -> Any:
        root = [value]
        self._put(root, 0, value, None)
        while self._waiting:
            source, target, under = self._waiting.pop()
            if isinstance(source, dict):
                self._object(source, target, under)
            else:
                self._list(source, target, under)
        self._texts.put_back(self._scrubber.texts)
        self._code.put_back(self._scrubber.code)
        return root[0]

    def _object(self, source: dict[Any, Any], target: dict[Any, Any], under: Any) -> None:
        holds_names = under in NAMES_AS_KEYS
        label = source.get("key", source.get("name")) if "value" in source else None
        is_labelled = _names_a_secret(label)
        for name, child in source.items():
            key, is_sensitive = self._scrubber.key(name) if isinstance(name, str) else (name, False)
            if (is_sensitive and not holds_names) or (is_labelled and name == "value"):
                target[key] = _blanked(child)
            else:
                self._put(target, key, child, name)

    def _list(self, source: list[Any] | tuple[Any, ...], target: list[Any], under: Any) -> None:
        is_secret_pair = len(source) == 2 and under not in CODE_KEYS and _names_a_secret(source[0])
        for place, child in enumerate(source):
            if place == 1 and is_secret_pair:
                target[place] = _blanked(child)
            else:
                self._put(target, place, child, under if under in CODE_KEYS else None)

    def _put(self, target: Any, place: Any, child: Any, under: Any) -> None:
        """Put a copy of `child`, which stands under the key `under`, into its place; containers are filled later."""
        if isinstance(child, str):
            gathered = self._code if under in CODE_KEYS else self._texts
            gathered.add(child, target, place)
        elif isinstance(child, dict):
            target[place] = {}
            self._waiting.append((child, target[place], under))
        elif isinstance(child, list | tuple):
            target[place] = [None] * len(child)
            self._waiting.append((child, target[place], under))
        else:
            target[place] = REMOVED if _is_card_number(child) else child


def _names_a_secret(label: Any) -> bool:
    """Say whether a value, not a key, is the name of a secret that stands beside it."""
    return isinstance(label, str) and _label.fullmatch(label) is not None and is_sensitive_key(label)


def _blanked(value: Any) -> Any:
    """Return what stands in place of a secret: nothing and truth values tell no secret and stay."""
    return value if value is None or isinstance(value, bool) or value == "" else REMOVED


def _is_card_number(value: Any) -> bool:
    return isinstance(value, int) and 10**12 <= value < 10**19 and is_card(str(value))


def _by_hints(rules: list[tuple[Rule, str]]) -> Selector:
    """Select the rules of which a hint stands in the text; each hint is looked for once."""
    wanted = [(rule.ignores_case, rule.hints) for rule, _ in rules]
    distinct = {(form, hint) for form, hints in wanted for hint in hints}

    def select(text: str) -> Iterable[int]:
        forms = {False: text, True: text.lower()}
        seen = {(form, hint) for form, hint in distinct if hint in forms[form]}
        return [
            number
            for number, (form, hints) in enumerate(wanted)
            if not hints or any((form, hint) in seen for hint in hints)
        ]

    return select


def _home_rule(home: str | None) -> Rule | None:
    parts = [part for part in re.split(r"[\\/]+", home or "") if part]
    if not parts or (len(parts) == 1 and parts[0] != "root"):
        return None
    path = r"[\\/]+".join(re.escape(part) for part in parts)
    ending = "([^0-9A-Za-z_]|$)"
    is_windows = parts[0].endswith(":")
    pattern = f"(?i){path}{ending}" if is_windows else f"/+{path}{ending}"
    hint = parts[-1].lower() if is_windows else parts[-1]
    return Rule("home", pattern, r"~\1", "The home folder of this user.", home or "", (hint,))


def _name_rules(name: str | None) -> list[Rule]:
    """Return the rules for a name: twice, because two names side by side share the character between them."""
    if name is None or len(name) < 3 or name.lower() in _COMMON_NAMES:
        return []
    pattern = rf"(?i)(^|[^0-9a-z_]){re.escape(name)}([^0-9a-z_]|$)"
    return [Rule("name", pattern, rf"\1{REMOVED}\2", "Names of this user and machine.", name, (name.lower(),))] * 2

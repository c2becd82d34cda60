"""Removal of secrets and personal data: the table's rules over text, and a walk through a whole report.

The client runs it before anything reaches the disk, the processor again before anything is stored. The matcher is
passed in: ``re.compile`` on the client, RE2's in the processor. All strings of a report are joined and matched at once,
and only the rules that can match are tried: by their hints, or by a set of patterns where the matcher has one.
"""

import functools
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from crashdesk.protocol.scrub_walk import Keys, Walk
from crashdesk.protocol.secrets_table import REMOVED, RULES, SENSITIVE_KEY, SEPARATOR, Rule

__all__ = ["REMOVED", "RULES", "SENSITIVE_KEY", "Rule", "Scrubber", "is_sensitive_key"]

# words of code and logs that are also names of users and machines; removing them would tear reports apart
_COMMON_NAMES = frozenset(
    {"admin", "administrator", "app", "debian", "desktop", "docker", "guest", "home", "host", "laptop", "local",
     "localhost", "main", "python", "root", "runner", "server", "test", "tester", "ubuntu", "user", "users", "vagrant"}
)  # fmt: skip

# says which of the patterns (by number) a text may match; a set that cannot tell must name them all
Selector = Callable[[str], Iterable[int]]

_AGAIN = 3  # passes for secrets that stand so close together that one hides the beginning of the next

_sensitive_key = re.compile(SENSITIVE_KEY)


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
        self._keys = Keys(self.text, is_sensitive_key)

    def text(self, text: str) -> str:
        """Return `text` without what must not leave."""
        return self._for_text.scrub(text)

    def value(self, value: Any) -> Any:
        """Return a scrubbed copy of a JSON value of any depth; what is no JSON stays as it is."""
        walk = Walk(self._keys)
        root = walk.copy(value)
        walk.texts.put_back(self.texts)
        walk.code.put_back(self.code)
        return root[0]

    def texts(self, texts: list[str]) -> list[str]:
        """Return each text scrubbed, in one pass over all of them."""
        return self._for_text.scrub_all(texts)

    def code(self, lines: list[str]) -> list[str]:
        """Return each line of source code scrubbed: what is written out goes, names and calls stay."""
        return self._for_code.scrub_all(lines)


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
        if not texts:
            return []
        joined = SEPARATOR.join(texts)
        if joined.count(SEPARATOR) >= len(texts):  # one of them holds it
            return [self.scrub(text) for text in texts]
        scrubbed = self.scrub(joined)
        return texts if scrubbed == joined else scrubbed.split(SEPARATOR)


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

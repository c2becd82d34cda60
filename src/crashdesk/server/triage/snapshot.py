"""The snapshot as a list of facts: machine, runtime and product at the moment of the event."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crashdesk.server.grouping.reading import mapping, text
from crashdesk.server.triage.stack import written

_BYTES = re.compile(r"memory|storage|_bytes$|_size$")
MAX_SECTIONS = 40
MAX_FACTS = 60
_OWN = frozenset({"crashdesk", "trace", "feedback"})  # ours about the report itself, not about the machine
_TELLING = ("name", "app name", "model", "binding", "version", "app version", "arch", "locale", "timezone", "primary")
_TITLES = {
    "app": "Product",
    "os": "Operating system",
    "runtime": "Runtime",
    "device": "Device",
    "qt": "Qt",
    "screens": "Screens",
    "display_session": "Display session",
    "process": "Process",
    "gui": "Windows",
    "culture": "Language and region",
    "packages": "Packages",
}
_FIRST = ("app", "os", "runtime", "device", "qt", "screens", "display_session", "process", "gui", "culture")


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the snapshot under its name."""

    name: str
    title: str
    facts: list[tuple[str, str]]

    @property
    def summary(self) -> str:
        """The fact that stands for the whole when the section is folded."""
        found = dict(self.facts)
        parts = [found.get(name, "") for name in _TELLING]
        return " ".join(part for part in parts if part)[:80]


def sections(event: Mapping[str, Any]) -> list[Section]:
    """Return the event's contexts in a fixed order, the best known first; packages come last."""
    contexts = {name: node for name, node in mapping(event.get("contexts")).items() if name not in _OWN}
    names = sorted(contexts, key=lambda name: (_FIRST.index(name) if name in _FIRST else len(_FIRST), name))
    found = [_section(name, contexts[name]) for name in names[:MAX_SECTIONS]]
    packages = _section("packages", event.get("modules"))
    return [section for section in [*found, packages] if section.facts]


def _section(name: str, node: Any) -> Section:
    flat = _flat(node)[: MAX_FACTS * (5 if name == "packages" else 1)]
    return Section(name, _TITLES.get(name, label(name)), flat)


def _flat(node: Any) -> list[tuple[str, str]]:
    """Return facts of one level; what lies deeper is written as JSON."""
    if isinstance(node, list):
        return [(str(number), written(value)) for number, value in enumerate(node, 1)]
    return [
        (label(name), _fact(name, value))
        for name, value in mapping(node).items()
        if name != "type" and value not in (None, "", [], {})
    ]


def _fact(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and value >= 1_000_000 and _BYTES.search(name):
        return f"{value / 1e9:.1f} GB"
    return text(value) or written(value)


def label(name: str) -> str:
    """Return a field's name as words."""
    return name.replace("_", " ")[:80]

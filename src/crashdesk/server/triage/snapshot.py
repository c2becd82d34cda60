"""The snapshot as a list of facts: machine, runtime and product at the moment of the event."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from crashdesk.protocol import snapshot
from crashdesk.server.grouping.reading import mapping, text
from crashdesk.server.triage import ages, trail
from crashdesk.server.triage.stack import written

MAX_SECTIONS = 40
MAX_FACTS = 60
MAX_PACKAGES = 400
_BYTES = re.compile(r"memory|storage|_bytes$|_size$")
_MOMENTS = ("_time", "_at")
_OWN = frozenset({"crashdesk", "trace", "feedback"})  # ours about the report itself, not about the machine
_PYTHONS = ("CPython", "Python", "PyPy", "GraalPy")
_TELLING = (
    "name",
    "app_name",
    "cpu_description",
    "arch",
    "binding",
    "version",
    "app_version",
    "locale",
    "timezone",
    "platform",
)
_ORDER = {section.name: place for place, section in enumerate(snapshot.SECTIONS)}
TITLES: dict[str, str] = {
    "app": gettext_noop("Product"),
    "os": gettext_noop("Operating system"),
    "device": gettext_noop("Computer"),
    "runtime": gettext_noop("Python"),
    "culture": gettext_noop("Language and region"),
    "display_session": gettext_noop("Desktop"),
    "environment_variables": gettext_noop("Environment variables"),
    "qt": gettext_noop("Qt"),
    "screens": gettext_noop("Screens"),
    "process": gettext_noop("Process"),
    "gui": gettext_noop("Windows"),
    snapshot.DISTRIBUTIONS: gettext_noop("Packages"),
}
_OF_OTHERS: dict[str, str] = {  # what other clients send, and what the server makes of their reports
    "browser": gettext_noop("Browser"),
    "security_report": gettext_noop("Broken page policy"),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact: its name as words, its value, and what the table says that it means."""

    name: str
    value: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the snapshot; `summary` stands for the whole when it is folded."""

    name: str
    title: str
    meaning: str
    summary: str
    facts: list[Fact]


def sections(event: Mapping[str, Any]) -> list[Section]:
    """Return the event's contexts, the declared ones first in the order of the table; packages come last."""
    contexts = {name: node for name, node in mapping(event.get("contexts")).items() if name not in _OWN}
    names = sorted(contexts, key=lambda name: (_ORDER.get(name, len(_ORDER)), name))
    found = [_section(name, contexts[name], MAX_FACTS) for name in names[:MAX_SECTIONS]]
    packages = _section(snapshot.DISTRIBUTIONS, event.get("modules"), MAX_PACKAGES)
    return [section for section in [*found, packages] if section.facts]


def _section(name: str, node: Any, most: int) -> Section:
    declared = snapshot.section(name)
    facts = [
        Fact(label(field), _written(field, value), snapshot.field_description(name, field))
        for field, value in _fields(node)[:most]
    ]
    return Section(
        name=name,
        title=_title(name, mapping(node)),
        meaning=declared.description if declared else "",
        summary=_summary(mapping(node)),
        facts=facts,
    )


def _title(name: str, node: Mapping[str, Any]) -> str:
    own_name = text(node.get("name"))
    if name == "runtime" and own_name and not own_name.startswith(_PYTHONS):
        return _("Runtime")
    known = TITLES.get(name) or _OF_OTHERS.get(name)
    return _(known) if known else label(name)


def _summary(node: Mapping[str, Any]) -> str:
    return " ".join(part for part in (text(node.get(name)) for name in _TELLING) if part)[:80]


def _fields(node: Any) -> list[tuple[str, Any]]:
    if isinstance(node, list):
        return [(str(number), value) for number, value in enumerate(node, 1)]
    return [(name, value) for name, value in mapping(node).items() if name != "type" and _says_something(value)]


def _says_something(value: Any) -> bool:
    return value is not None and value not in ("", [], {})


def _written(name: str, value: Any) -> str:
    """Return a value as people read it: units spelled out, small objects in one line each, the rest as JSON."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int | float):
        return _number(name, value)
    if isinstance(value, str) and name.endswith(_MOMENTS):
        return _moment(value)
    if isinstance(value, list) and all(isinstance(entry, dict) for entry in value):
        return "\n".join(_line(entry) for entry in value[:20])
    return _line(value) if isinstance(value, dict) else written(value)


def _moment(value: str) -> str:
    moment = trail.moment_of(value)
    return ages.exact(moment) if moment else value


def _number(name: str, value: float) -> str:
    if value >= 1_000_000 and _BYTES.search(name):
        return f"{value / 1e9:.1f} GB" if value >= 1e9 else f"{value / 1e6:.0f} MB"
    return ages.span(value) if name.endswith("_seconds") and value >= 0 else text(value)


def _line(entry: Mapping[str, Any]) -> str:
    flat = not any(isinstance(value, dict | list) for value in entry.values())
    return (
        " · ".join(f"{label(name)} {text(value) or written(value)}" for name, value in entry.items())
        if flat
        else written(entry)
    )


def label(name: str) -> str:
    """Return a field's name as words."""
    return name.replace("_", " ")[:80]

"""Table of snapshot sections: what is gathered about machine, runtime and product, each field described for people.

The consent page and the preview read it, the gatherers of the SDK fill it: a section travels as the event's context of
the same name, distributions as the event's ``modules``. What has no description for people cannot be declared.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from crashdesk.errors import UsageError
from crashdesk.protocol import foreign

SNAPSHOT_VERSION = 1


class Cost(StrEnum):
    """When a section is gathered, which follows from what it costs."""

    ONCE = "once"  # does not change while the program runs
    LIVE = "live"  # under a millisecond, anew at each report
    REPORT = "report"  # some milliseconds, only for a crash or feedback


@dataclass(frozen=True, slots=True)
class Section:
    """One group of facts; `fields` maps each fact's name to a sentence for people."""

    name: str
    description: str
    fields: Mapping[str, str]
    cost: Cost

    def __post_init__(self) -> None:
        if not self.description.strip() or not all(text.strip() for text in self.fields.values()):
            raise UsageError(
                f"The snapshot section {self.name!r} and each of its fields need a description for people."
            )


SECTIONS: tuple[Section, ...] = (
    Section(
        "app",
        "The program that reports.",
        {
            "app_name": "Name of the program.",
            "app_version": "Version of the program.",
            "app_build": "Build of the program.",
            "app_start_time": "When it was started.",
            "build_type": "Whether it is a release, a beta or a developer's own build.",
        },
        Cost.ONCE,
    ),
    Section(
        "os",
        "The operating system.",
        {
            "name": "Name, such as Debian or Windows.",
            "version": "Version of the system.",
            "build": "Build of the system.",
            "kernel_version": "Version of its kernel.",
        },
        Cost.ONCE,
    ),
    Section(
        "device",
        "What kind of computer it is; not its name, not its serial number.",
        {
            "arch": "Kind of processor, such as x86_64.",
            "cpu_description": "Name of the processor.",
            "processor_count": "Number of processors.",
            "memory_size": "Memory in bytes.",
            "free_memory": "Memory that is free, in bytes.",
            "free_storage": "Space that is free on the disk of the home folder, in bytes.",
        },
        Cost.ONCE,
    ),
    Section(
        "runtime",
        "The Python that runs the program.",
        {
            "name": "Name, such as CPython.",
            "version": "Version of Python.",
            "build": "Build of Python.",
            "frozen": "Whether program and Python are one file.",
        },
        Cost.ONCE,
    ),
    Section(
        "culture",
        "Language and time zone.",
        {
            "locale": "Language and country of the session.",
            "timezone": "Name of the time zone.",
            "calendar": "Calendar in use.",
            "is_24_hour_format": "Whether hours are counted to 24.",
            "input_method": "How text is put in.",
        },
        Cost.ONCE,
    ),
    Section(
        "display_session",
        "What kind of desktop the program runs on.",
        {
            "xdg_session_type": "Kind of session, such as x11 or wayland.",
            "xdg_current_desktop": "Name of the desktop.",
            "desktop_session": "Name of the session.",
        },
        Cost.ONCE,
    ),
    Section(
        "environment_variables",
        "Those few variables that change how a program looks and reads; no others.",
        {
            "QT_QPA_PLATFORM": "Which window system Qt was told to use.",
            "LANG": "Language of the session.",
            "LC_ALL": "Language that overrides all others.",
        },
        Cost.ONCE,
    ),
    Section(
        "qt",
        "The toolkit that draws the windows.",
        {
            "version": "Version of Qt.",
            "binding": "Name of its Python binding.",
            "binding_version": "Version of the binding.",
            "platform": "Window system that Qt draws on.",
            "style": "Style of buttons and lists.",
            "font": "Family of the program's font.",
            "icon_theme": "Name of the icon set.",
            "graphics": "Name and version of the graphics driver.",
        },
        Cost.ONCE,
    ),
    Section(
        "screens",
        "The screens: sizes and scales, nothing of what they show.",
        {
            "count": "Number of screens.",
            "screens": "Width, height, scale, dots per inch and refresh rate of each.",
        },
        Cost.ONCE,
    ),
    Section(
        "process",
        "How the program fared at that moment.",
        {
            "uptime_seconds": "How long it had been running.",
            "threads": "Number of its threads.",
            "modules_loaded": "Number of Python modules it had loaded.",
            "resident_bytes": "Memory it used, in bytes.",
            "open_files": "Number of files it had open; not their names.",
        },
        Cost.LIVE,
    ),
    Section(
        "gui",
        "The program's own windows: classes, sizes and names that its makers gave; no titles, no texts.",
        {
            "windows": "Name, class, size and state of each open window.",
            "focus": "Name of the part that had the keyboard.",
        },
        Cost.REPORT,
    ),
    Section(
        "distributions",
        "Python packages installed with the program.",
        {"*": "Name and version of each."},
        Cost.ONCE,
    ),
)

DISTRIBUTIONS = "distributions"

_BY_NAME = {section.name: section for section in SECTIONS}


@dataclass(frozen=True, slots=True)
class Difference:
    """One fact that is not the same in two snapshots; None stands for missing."""

    section: str
    field: str
    before: Any
    after: Any


def section(name: str) -> Section | None:
    """Return the declared section `name`, or None for a product's own."""
    return _BY_NAME.get(name)


def field_description(section_name: str, field: str) -> str:
    """Return the sentence for one fact; an empty text when it is not declared."""
    declared = _BY_NAME.get(section_name)
    return "" if declared is None else declared.fields.get(field, declared.fields.get("*", ""))


def snapshot_of(event: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the declared sections that an event carries, in the order of the table."""
    contexts = foreign.mapping(event.get("contexts"))
    found = {name: foreign.mapping(contexts.get(name)) for name in _BY_NAME}
    found[DISTRIBUTIONS] = foreign.mapping(event.get("modules"))
    return {name: facts for name, facts in found.items() if facts}


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """Return what differs between two snapshots (section name to facts), declared sections first, in table order."""
    names = [*_BY_NAME, *sorted((before.keys() | after.keys()) - _BY_NAME.keys())]
    return [difference for name in names for difference in _of_section(name, before.get(name), after.get(name))]


def _of_section(name: str, before: Any, after: Any) -> Iterator[Difference]:
    old, new = foreign.mapping(before), foreign.mapping(after)
    declared = _BY_NAME.get(name)
    known = [field for field in (declared.fields if declared else ()) if field != "*"]
    for field in [*known, *sorted((old.keys() | new.keys()) - set(known))]:
        if _written(old.get(field)) != _written(new.get(field)):
            yield Difference(name, field, old.get(field), new.get(field))


def _written(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)

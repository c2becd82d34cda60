"""What earlier runs left when they died: native crashes and hangs become reports at this start."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from crashdesk.outbox.crash_files import FAULT_FILE, Leftover
from crashdesk.protocol import foreign
from crashdesk.protocol.snapshot import SNAPSHOT_VERSION
from crashdesk.sdk import completing, events, guard, trail
from crashdesk.sdk.hooks import fault_text
from crashdesk.sdk.hooks.fault_text import Fault
from crashdesk.sdk.options import Options
from crashdesk.sdk.own_code import frames_of

Event = dict[str, Any]
_LIMIT = re.compile(r"(\d+):(\d+):(\d+)")

COPIED = ("release", "environment", "tags", "user")


def report(
    leftovers: Iterable[Leftover], options: Options, keep: Callable[[Event], str | None], *, allowed: bool
) -> str | None:
    """Turn each leftover into a report and remove it; return how the newest of those runs ended, if any.

    A leftover goes only after its report is safe. Without consent nothing is told and the files go all the same.
    """
    ended: str | None = None
    for leftover in leftovers:
        with guard.inside("a run that died"):
            fault = fault_text.parse(leftover.fault_text)
            if not leftover.facts.get("is_child"):
                ended = "abnormal" if fault is None else fault.kind
            if fault is not None and allowed:
                keep(event_of(leftover, fault, options))
            leftover.remove()
            continue
        leftover.release()
    return ended


def event_of(leftover: Leftover, fault: Fault, options: Options) -> Event:
    """Describe the death of a run from its files."""
    facts = leftover.facts
    event = events.fault_event(fault, *_words(fault), search_path=_search_path(facts))
    event.update({name: facts[name] for name in COPIED if facts.get(name)})
    event["event_id"] = leftover.run_id or event["event_id"]  # made again, it is the same report
    event["timestamp"] = _died_at(leftover) or event["timestamp"]
    event["breadcrumbs"] = {"values": trail.read_file(leftover.directory / trail.FILE_NAME)}
    completing.finish_exceptions(event, options.in_app_include)
    event["exception"]["values"][0]["value"] += _place(event) + _last_words(event)
    completing.add_snapshot(event, foreign_sections(facts), foreign_modules(facts))
    completing.note(
        event,
        kind=fault.kind,
        hook="faulthandler",
        program_went_on=False,
        snapshot_version=SNAPSHOT_VERSION,
        told_at="next start",
    )
    return event


def _words(fault: Fault) -> tuple[str, str]:
    """Type and value of the exception that stands for the fault."""
    if fault.kind == "hang":
        return "Hang", "The window stopped responding and the program was ended"
    return fault.signal or "Fatal Python error", fault.message


def _place(event: Event) -> str:
    """`` in function`` of the innermost own frame: a signal alone says little."""
    own = [frame for frame in frames_of({"exception": event["exception"]}) if frame.get("in_app")]
    return f" in {own[-1]['function']}" if own else ""


def _last_words(event: Event) -> str:
    """Return what Qt said when it ended the program itself: its message comes just before the abort."""
    crumbs = event["breadcrumbs"]["values"]
    is_fatal = bool(crumbs) and crumbs[-1].get("level") == "fatal"
    return f": {str(crumbs[-1].get('message')).strip()}" if is_fatal else ""


def _search_path(facts: dict[str, Any]) -> list[str]:
    return [entry for entry in foreign.sequence(facts.get("search_path")) if isinstance(entry, str)]


def foreign_sections(facts: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the snapshot that the dead run had left."""
    found = foreign.mapping(facts.get("snapshot"))
    return {str(name): dict(section) for name, section in found.items() if isinstance(section, dict)}


def foreign_modules(facts: dict[str, Any]) -> dict[str, str]:
    return {str(name): str(version) for name, version in foreign.mapping(facts.get("modules")).items()}


def _died_at(leftover: Leftover) -> float | None:
    try:
        return (leftover.directory / FAULT_FILE).stat().st_mtime
    except OSError:
        return None

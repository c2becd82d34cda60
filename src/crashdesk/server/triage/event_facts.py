"""Facts of one event as the issue's and the event's page show them."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from crashdesk.errors import StorageError
from crashdesk.protocol.event import EventView
from crashdesk.server.events import queries as events
from crashdesk.server.events.bodies import said_by_us
from crashdesk.server.events.queries import Event
from crashdesk.server.grouping.reading import mapping, text, values
from crashdesk.server.triage import addresses, snapshot, stack, trail
from crashdesk.server.triage.looking_up import SeenIssue

OPEN_SECTIONS = ("app", "os", "runtime", "security_report")
REPAIRS: dict[str, str] = {
    "device_clock_corrected": gettext_noop("The clock of the user's machine was wrong: times are corrected by ours."),
    "time_of_arrival_taken": gettext_noop("The report named no time that can be: it is shown at the time it arrived."),
}
MINIDUMP = "minidump"
_SEVERAL = 1
_CAN_BE_CAUGHT = frozenset({"python", "error"})  # nobody catches a signal or a hang


def body_of(row: Event) -> dict[str, Any] | None:
    """Return the event's body, or None while it cannot be read."""
    try:
        return events.body(row)
    except StorageError:
        return None


def listed(seen: SeenIssue, row: Event) -> dict[str, Any]:
    """Return an event as tables show it."""
    return {
        "hex": row.event_id.hex,
        "kind": row.kind,
        "happened_at": row.happened_at,
        "received_at": row.received_at,
        "release": row.release,
        "environment": row.environment,
        "user_digest": row.user_digest,
        "address": addresses.of_event(seen.project, seen.row, row),
        "json_address": addresses.of_event(seen.project, seen.row, row, "event_json"),
    }


def of(seen: SeenIssue, row: Event, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return stack, trail and snapshot of an event."""
    view = EventView(body)
    failures, threads = stack.failures(body), stack.threads(body)
    has_stack = any(failure.has_stack for failure in failures)
    return {
        "event": listed(seen, row),
        "title": view.title(),
        "message": view.message,
        "failures": failures,
        "how": _how(view),
        "has_stack": has_stack,
        "is_of_dump": any(failure.mechanism == MINIDUMP for failure in failures),
        "threads": threads if len(threads) > _SEVERAL or not has_stack else [],
        "trail": trail.trail(body, row.happened_at),
        "sections": snapshot.sections(body),
        "open_sections": OPEN_SECTIONS,
        "notes": _notes(body, repaired=False),
        "repairs": _notes(body, repaired=True),
    }


def _how(view: EventView) -> list[str]:
    """Return how the failure came to the reporter and how the product fared, as far as the event says it."""
    caught = {False: _("nobody caught it"), True: _("caught by the product and reported")}
    ended = {False: _("the product ended"), True: _("the product went on")}
    went_on = view.context("crashdesk").get("program_went_on")
    found = [
        caught.get(view.handled) if view.handled is not None and view.kind in _CAN_BE_CAUGHT else None,
        ended[went_on] if isinstance(went_on, bool) else None,
    ]
    return [said for said in found if said]


def facts(row: Event, body: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the event's own facts; what it does not say is left out."""
    view = EventView(body)
    handled = {True: _("yes"), False: _("no"), None: ""}[view.handled if view.kind in _CAN_BE_CAUGHT else None]
    found = [
        (_("Level"), row.level),
        (_("Release"), row.release),
        (_("Build"), view.dist or ""),
        (_("Environment"), row.environment),
        (_("Caught"), handled),
        (_("Logger"), view.logger or ""),
        (_("Transaction"), view.transaction or ""),
        (_("SDK"), " ".join(view.sdk)),
        (_("User"), _user(view)),
        (_("Likeness"), row.likeness),
    ]
    return [(name, value) for name, value in found if value.strip()]


def older_extra(body: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what the product added in Sentry's older way."""
    return [(name[:100], stack.written(value)) for name, value in list(mapping(body.get("extra")).items())[:100]]


def _user(view: EventView) -> str:
    found = (text(view.user.get(name)) for name in ("name", "username", "email", "id", "ip_address"))
    return " · ".join(part for part in found if part)


def _notes(body: Mapping[str, Any], *, repaired: bool) -> list[str]:
    """Return which rules failed on this report, by name and class only; or in words what was put right in it."""
    found = [mapping(note) for note in values(said_by_us(body).get("notes"))[:20]]
    if repaired:
        return [_(REPAIRS[problem]) for note in found if (problem := text(note.get("problem"))) in REPAIRS]
    named = [(text(note.get("rule")), text(note.get("problem"))) for note in found]
    return [f"{rule}: {problem}" for rule, problem in named if problem not in REPAIRS]

"""From a bare event to a complete one: this run's facts, snapshot, own frames; then the product may change or veto."""

import copy
import re
import threading
from typing import Any

from crashdesk import clock
from crashdesk.protocol import foreign
from crashdesk.protocol.envelope import new_event_id
from crashdesk.protocol.snapshot import SNAPSHOT_VERSION
from crashdesk.sdk import guard, own_code
from crashdesk.sdk.losses import VETOED, Losses
from crashdesk.sdk.options import BeforeSend, Options
from crashdesk.sdk.scope import Scope, plain
from crashdesk.sdk.snapshot.gather import Gatherer

Event = dict[str, Any]

_OVERRIDE = re.compile(r"^Error calling Python override of [\w:~<>, *&]+(?:\(\))?: ")
"""What PySide6 writes in front of a message when Python code called by Qt failed below Python code."""


class Completer:
    """Completes the events of this run."""

    def __init__(self, options: Options, scope: Scope, gatherer: Gatherer, losses: Losses) -> None:
        self._options = options
        self._losses = losses
        self._scope = scope
        self._gatherer = gatherer
        self._here = threading.local()

    def complete(self, event: Event) -> Event:
        """Add this run's facts and a snapshot to an event; one that has them stays as it is."""
        event.setdefault("event_id", new_event_id())
        if "snapshot_version" in about(event):
            return event
        with guard.inside("facts of the run"):
            self._scope.apply(event)
        event["release"] = event.get("release") or self._options.release
        event["environment"] = event.get("environment") or self._options.environment
        with guard.inside("frames"):
            finish_exceptions(event, self._options.in_app_include)
        with guard.inside("snapshot"):
            add_snapshot(event, self._gatherer.all(), self._gatherer.modules())
        event["contexts"].pop("trace", None)  # of sentry-sdk's tracing, which ties reports together for no use of ours
        note(event, snapshot_version=SNAPSHOT_VERSION)
        return event

    def facts_for_feedback(self) -> Event:
        """Return what goes with a person's words: release, tags and the unchanging part of the snapshot; no trail."""
        facts = {
            "timestamp": clock.timestamp(),
            "release": self._options.release,
            "environment": self._options.environment,
            "user": self._scope.user,
            "tags": self._scope.tags,
            "contexts": self._gatherer.static(),
        }
        return {name: fact for name, fact in facts.items() if fact}

    def ask_product(self, event: Event, hint: dict[str, Any] | None = None) -> Event | None:
        """Let ``before_send`` change or veto; one that fails changes nothing and does not cost the report."""
        before_send = self._options.before_send
        if before_send is None:
            return event
        if getattr(self._here, "is_asking", False):
            self._losses.add(VETOED)  # the product captures while it is asked: that would have no end
            return None
        answer = self._answer(before_send, event, hint or {})
        if answer is None:
            self._losses.add(VETOED)
        return answer

    def _answer(self, before_send: BeforeSend, event: Event, hint: dict[str, Any]) -> Event | None:
        original = copy.deepcopy(event)
        self._here.is_asking = True
        try:
            with guard.inside("before_send"):
                answer = before_send(event, hint)
                return None if answer is None else plain(answer)
        finally:
            self._here.is_asking = False
        note(original, before_send="failed")
        return original


def about(event: Event) -> dict[str, Any]:
    """Return our own context of an event."""
    return dict(foreign.mapping(foreign.mapping(event.get("contexts")).get("crashdesk")))


def note(event: Event, **facts: Any) -> None:
    """Add facts to our own context of an event."""
    contexts = dict(foreign.mapping(event.get("contexts")))
    contexts["crashdesk"] = {**about(event), **facts}
    event["contexts"] = contexts


def add_snapshot(event: Event, sections: dict[str, dict[str, Any]], modules: dict[str, str]) -> None:
    """Add sections where the event has none of that name."""
    event["contexts"] = {**sections, **foreign.mapping(event.get("contexts"))}
    if modules and not event.get("modules"):
        event["modules"] = modules


def finish_exceptions(event: Event, own_packages: tuple[str, ...]) -> None:
    """Say which frames are the product's own, and take Qt's words from the front of the messages."""
    own_code.mark_frames(event, own_packages)
    for entry in foreign.mappings(event.get("exception")):
        text = entry.get("value")
        if isinstance(text, str) and isinstance(entry, dict):
            entry["value"] = _OVERRIDE.sub("", text)

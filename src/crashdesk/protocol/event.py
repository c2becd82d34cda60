"""Typed view of an event as any Sentry client may send it; whatever is odd reads as missing, nothing raises."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crashdesk.protocol import foreign
from crashdesk.protocol.envelope import normalise_event_id
from crashdesk.protocol.stack import ExceptionView, FrameView, ThreadView, first_line, frames_of, own_frames

__all__ = ["KINDS", "EventView", "ExceptionView", "FrameView", "ThreadView", "own_frames"]

KINDS: dict[str, str] = {
    "python": "Exception in Python",
    "error": "Error in another language",
    "native": "Native crash",
    "hang": "Hang",
    "abnormal": "Abnormal end",
    "exit": "Unexpected exit",
    "message": "Message",
    "security": "Broken policy of a page",
}

MAX_TITLE_CHARS = 250

_LEVELS = ("debug", "info", "warning", "error", "fatal")
_OTHER_LEVELS = {"warn": "warning", "critical": "fatal", "log": "info", "notice": "info", "sample": "info"}
_KIND_OF_MECHANISM = {
    "minidump": "native",
    "signalhandler": "native",
    "faulthandler": "native",
    "mach": "native",
    "AppHang": "hang",
    "ANR": "hang",
}


_PLACEHOLDER = re.compile(r"%(?:\((?P<name>\w{1,80})\))?[-+#0]{0,5}\d{0,5}(?:\.\d{1,5})?(?P<letter>[a-zA-Z%])")


@dataclass(frozen=True, slots=True)
class EventView:
    """Reads the JSON object of an event."""

    payload: Mapping[str, Any]

    @property
    def event_id(self) -> str | None:
        return normalise_event_id(self.payload.get("event_id"))

    @property
    def level(self) -> str:
        """One of debug, info, warning, error, fatal; error when the client says nothing readable."""
        value = self.payload.get("level")
        number = foreign.whole(value)
        if number is not None:
            return _LEVELS[min(max(number // 10 - 1, 0), 4)]
        word = (foreign.text(value) or "").lower()
        word = _OTHER_LEVELS.get(word, word)
        return word if word in _LEVELS else "error"

    @property
    def platform(self) -> str:
        return self._text("platform") or "other"

    @property
    def release(self) -> str | None:
        return self._text("release")

    @property
    def dist(self) -> str | None:
        return self._text("dist")

    @property
    def environment(self) -> str | None:
        return self._text("environment")

    @property
    def logger(self) -> str | None:
        return self._text("logger")

    @property
    def transaction(self) -> str | None:
        return self._text("transaction")

    @property
    def message(self) -> str:
        """The message with its parameters filled in, whichever of its forms the client used."""
        for name in ("logentry", "message", "sentry.interfaces.Message"):
            entry = self.payload.get(name)
            found = _formatted(entry) if isinstance(entry, Mapping) else foreign.text(entry)
            if found:
                return found
        return ""

    @property
    def message_template(self) -> str:
        """The message as the program wrote it, before parameters were filled in."""
        for name in ("logentry", "message", "sentry.interfaces.Message"):
            entry = self.payload.get(name)
            found = foreign.text(entry.get("message") if isinstance(entry, Mapping) else entry)
            if found:
                return found
        return self.message

    @property
    def happened_at(self) -> datetime | None:
        """When it happened by the client's clock, aware, in UTC."""
        return foreign.moment(self.payload.get("timestamp"))

    @property
    def exceptions(self) -> list[ExceptionView]:
        """The chain, oldest cause first; the last one names the event."""
        value = self.payload.get("exception") or self.payload.get("sentry.interfaces.Exception")
        return [ExceptionView(entry) for entry in foreign.mappings(value)]

    @property
    def threads(self) -> list[ThreadView]:
        return [ThreadView(entry) for entry in foreign.mappings(self.payload.get("threads"))]

    @property
    def frames(self) -> list[FrameView]:
        """The stack that tells most, outermost call first: of the last exception, the event, the crashed thread."""
        chain = self.exceptions
        found = (chain[-1].frames if chain else []) or frames_of(self.payload.get("stacktrace"))
        if found:
            return found
        threads = sorted(self.threads, key=lambda thread: (not thread.crashed, not thread.current))
        return threads[0].frames if threads else []

    @property
    def contexts(self) -> Mapping[str, Any]:
        return foreign.mapping(self.payload.get("contexts"))

    def context(self, name: str) -> Mapping[str, Any]:
        """Return one context; an empty object when it is missing."""
        return foreign.mapping(self.contexts.get(name))

    @property
    def tags(self) -> list[tuple[str, str]]:
        return foreign.pairs(self.payload.get("tags"))

    @property
    def breadcrumbs(self) -> list[Mapping[str, Any]]:
        """The trail, oldest first."""
        return foreign.mappings(self.payload.get("breadcrumbs"))

    @property
    def user(self) -> Mapping[str, Any]:
        return foreign.mapping(self.payload.get("user"))

    @property
    def sdk(self) -> tuple[str, str]:
        """Name and version of the client library; empty texts when it does not say."""
        sdk = foreign.mapping(self.payload.get("sdk"))
        return foreign.text(sdk.get("name")) or "", foreign.text(sdk.get("version")) or ""

    @property
    def fingerprint(self) -> list[str]:
        parts = [foreign.text(part) for part in foreign.sequence(self.payload.get("fingerprint"))]
        return [part for part in parts if part is not None]

    @property
    def handled(self) -> bool | None:
        """Whether the product caught the failure itself; None when no exception says."""
        said = [entry.handled for entry in self.exceptions if entry.handled is not None]
        return all(said) if said else None

    @property
    def kind(self) -> str:
        """One of KINDS: what our SDK says, else what mechanism, stack and platform tell."""
        said = foreign.text(self.context("crashdesk").get("kind"))
        if said in KINDS:
            return said
        chain = self.exceptions
        for entry in chain:
            of_mechanism = _KIND_OF_MECHANISM.get(foreign.text(entry.mechanism.get("type")) or "")
            if of_mechanism:
                return of_mechanism
        if all(_is_stack_of_a_message(entry) for entry in chain):
            return "native" if self.platform == "native" and self.level == "fatal" else "message"
        return "python" if self.platform == "python" else "error"

    def title(self) -> str:
        """Return one line that names the event: type and value of the last exception, else the message."""
        chain = self.exceptions
        title = (chain[-1].title() if chain else "") or first_line(self.message) or KINDS[self.kind]
        return title if len(title) <= MAX_TITLE_CHARS else f"{title[: MAX_TITLE_CHARS - 1]}…"

    def culprit(self) -> str:
        """Return where it happened: the innermost own frame, else what the client names."""
        frames = own_frames(self.frames)
        return (frames[-1].place() if frames else "") or self._text("culprit") or self.transaction or ""

    def _text(self, name: str) -> str | None:
        return foreign.text(self.payload.get(name))


def _formatted(entry: Mapping[str, Any]) -> str | None:
    formatted = foreign.text(entry.get("formatted"))
    template, params = foreign.text(entry.get("message")), entry.get("params")
    return formatted or (filled_in(template, params) if template and params else template)


def filled_in(template: str, params: object) -> str:
    """Put `params` (list or object) in place of ``%s``, ``%(name)d`` and their like; widths are not obeyed.

    Python's own operator would build a text of any width that a hostile template names.
    """
    waiting = iter(foreign.sequence(params))
    named = foreign.mapping(params)

    def value_of(found: re.Match[str]) -> str:
        if found.group("letter") == "%":
            return "%"
        value = named.get(found.group("name")) if found.group("name") else next(waiting, None)
        written = foreign.text(value)
        return found.group() if written is None else written

    return _PLACEHOLDER.sub(value_of, template)


def _is_stack_of_a_message(entry: ExceptionView) -> bool:
    """Say whether a client made up this exception only to carry the stack of a message."""
    return not entry.type and entry.mechanism.get("synthetic") is True

"""From an exception, a message or words to a report: which are taken, and by which way they are described."""

import linecache
import threading
from collections.abc import Callable, Hashable, Iterable
from types import TracebackType
from typing import Any

from crashdesk import clock
from crashdesk.outbox.store import State
from crashdesk.protocol.envelope import Item
from crashdesk.protocol.feedback import Feedback
from crashdesk.sdk import completing, events, guard
from crashdesk.sdk.client import SentryClient
from crashdesk.sdk.completing import Completer
from crashdesk.sdk.gate import EQUAL_BY_HAND, EQUAL_UNCAUGHT, REFILL_SECONDS, StormGate
from crashdesk.sdk.hooks.caught import Caught, mark, reported_as
from crashdesk.sdk.losses import REPEATED, Losses
from crashdesk.sdk.options import Options
from crashdesk.sdk.qt import picture
from crashdesk.sdk.reporting import Reporter
from crashdesk.sdk.scope import Attachment, Scope

Event = dict[str, Any]
TakePicture = Callable[[TracebackType | None], bytes | None]


class Captures:
    """Every way in which a report begins in this process."""

    def __init__(
        self, options: Options, scope: Scope, completer: Completer, reporter: Reporter, losses: Losses
    ) -> None:
        self._options = options
        self._losses = losses
        self.take_picture: TakePicture = _no_picture
        self._here = threading.local()
        self._scope = scope
        self._completer = completer
        self._reporter = reporter
        self._uncaught = StormGate(EQUAL_UNCAUGHT)
        self._by_hand = StormGate(EQUAL_BY_HAND, REFILL_SECONDS)
        self.sentry = SentryClient(options, self._before_send, self.keep_envelope, losses)
        self.last_event_id: str | None = None

    def uncaught(self, caught: Caught) -> str | None:
        """Report what a hook caught, once; equal failures beyond the first few are only counted."""
        if reported_as(caught.error) is not None:
            return None
        key = failure_key(caught.error, caught.traceback)
        admitted = self._uncaught.admit(key, clock.monotonic())
        if not admitted:
            self._losses.add(REPEATED)
        event_id = self._report_caught(caught, self._uncaught.seen(key)) if admitted else None
        mark(caught.error, event_id or "")
        return event_id

    def exception(self, error: BaseException, hints: dict[str, Any] | None = None) -> str | None:
        """Report an exception the product handled itself."""
        known = reported_as(error)
        if known is not None:
            return known or None
        if not self._by_hand.admit(failure_key(error, error.__traceback__), clock.monotonic()):
            self._losses.add(REPEATED)
            return None
        about = {"kind": "python", "hook": "call", "program_went_on": True, **(hints or {})}
        event_id = self._report(error, error.__traceback__, {"type": "generic", "handled": True}, about)
        mark(error, event_id or "")
        return event_id

    def message(self, text: str, level: str) -> str | None:
        """Report a message without an exception."""
        if not self._by_hand.admit(("message", level, text[:200]), clock.monotonic()):
            self._losses.add(REPEATED)
            return None
        event = events.message_event(text, level)
        completing.note(event, kind="message", hook="call", program_went_on=True)
        return self._told(self._through_sentry(event) if self.sentry.is_started else self.keep(event))

    def feedback(self, feedback: Feedback, attachments: Iterable[Attachment]) -> str | None:
        """Keep a person's words, with the files they chose."""
        item = feedback.to_item(self._completer.facts_for_feedback())
        return self._told(self._reporter.keep_feedback(item, _items(attachments)))

    def keep(self, event: Event, hint: dict[str, Any] | None = None) -> str | None:
        """Complete an event made by hand, ask the product, store it."""
        answer = self._completer.ask_product(self._completer.complete(event), hint)
        return None if answer is None else self._reporter.keep_event(answer, self._files())

    def keep_envelope(self, items: list[Item], dsn: str | None) -> None:
        """Store what comes out of sentry-sdk, from our client or the host's own."""
        event_item = next((item for item in items if item.type == "event"), None)
        rest = [item for item in items if item is not event_item]
        files = [item for item in rest if item.type == "attachment"]
        if event_item is not None:
            self._keep_sentry_event(event_item.json(), files, dsn)
        for words in (item for item in rest if item.type == "feedback"):
            self.last_event_id = self._reporter.keep_feedback(words, files, dsn) or self.last_event_id
        self._reporter.keep_others([item for item in rest if item.type not in {"attachment", "feedback"}], dsn)

    def _report_caught(self, caught: Caught, seen: int) -> str | None:
        about = {
            "kind": caught.kind,
            "hook": caught.hook,
            "program_went_on": caught.program_went_on,
            "seen_in_run": seen,
            "note": caught.note,
        }
        mechanism = {"type": caught.mechanism, "handled": False}
        self._here.picture = self._take_picture(caught, seen)
        try:
            return self._report(caught.error, caught.traceback, mechanism, about)
        finally:
            self._here.picture = None

    def _report(
        self, error: BaseException, trace: TracebackType | None, mechanism: dict[str, Any], about: dict[str, Any]
    ) -> str | None:
        """Describe an exception through sentry-sdk; by hand where that is missing or loses the event."""
        if self._reporter.state() is None:
            return None
        linecache.checkcache()  # the source may have changed since another report
        event: Event = {"mechanism": mechanism, "level": "error" if about["program_went_on"] else "fatal"}
        completing.note(event, **{name: value for name, value in about.items() if value is not None})
        context = event["contexts"]
        with guard.inside("sentry-sdk"):
            self._here.is_decided = False
            event_id = self.sentry.capture(event, error, trace)
            if self._here.is_decided:
                return self._told(event_id)
        by_hand = {**events.exception_event(error, trace, mechanism), "level": event["level"], "contexts": context}
        return self._told(self.keep(by_hand, {"exc_info": (type(error), error, trace)}))

    def _through_sentry(self, event: Event) -> str | None:
        with guard.inside("sentry-sdk"):
            return self.sentry.capture(event, None, None)
        return self.keep(event)

    def _before_send(self, event: Event, hint: dict[str, Any]) -> Event | None:
        """Answer sentry-sdk, which asks before each event of our client."""
        answer = self._completer.ask_product(self._completer.complete(event), hint)
        self._here.is_decided = answer is None
        return answer

    def _keep_sentry_event(self, event: Event, files: list[Item], dsn: str | None) -> None:
        if event.get("type") == "feedback":  # sentry-sdk has no call for it and heads it as an event
            self._reporter.keep_feedback(Item.from_json("feedback", event), files, dsn)
            return
        if "snapshot_version" not in completing.about(event):  # of the host's own client, not asked before
            answer = self._completer.ask_product(self._completer.complete(event))
            if answer is None:
                return
            event = answer
        self._told(self._reporter.keep_event(event, [*files, *self._files()], dsn))
        self._here.is_decided = True

    def _files(self) -> list[Item]:
        files = list(self._scope.attachments)
        shot: bytes | None = getattr(self._here, "picture", None)
        return _items([*files, Attachment(picture.FILENAME, shot, "image/png")] if shot else files)

    def _take_picture(self, caught: Caught, seen: int) -> bytes | None:
        """Draw the window for the first report of a failure, and only for one that the person will decide on."""
        if not self._options.screenshots or seen > 1 or self._reporter.state() is not State.WAITING:
            return None
        with guard.inside("picture of the window"):
            return self.take_picture(caught.traceback)
        return None

    def _told(self, event_id: str | None) -> str | None:
        self.last_event_id = event_id or self.last_event_id
        return event_id


def _no_picture(_trace: TracebackType | None) -> bytes | None:
    return None


def failure_key(error: BaseException, trace: TracebackType | None) -> Hashable:
    """Return what makes failures equal before they are described: the type and where it was raised."""
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = None if trace is None else (trace.tb_frame.f_code.co_filename, trace.tb_lineno)
    return (type(error).__module__, type(error).__qualname__, place)


def _items(attachments: Iterable[Attachment]) -> list[Item]:
    found = ((attachment, attachment.read()) for attachment in attachments)
    return [
        Item.attachment(attachment.filename, data, attachment.content_type)
        for attachment, data in found
        if data is not None
    ]

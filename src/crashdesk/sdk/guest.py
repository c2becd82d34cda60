"""What ``init()`` sets up in the host's process and ``close()`` takes away: hooks, outbox, run files, Qt, the agent.

The order matters: hooks first, so that a failure in the first millisecond is kept; then what earlier runs left.
"""

import atexit
import functools
import os
import sys
import threading
import weakref
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from crashdesk import clock
from crashdesk.outbox import crash_files, facts
from crashdesk.outbox.location import default_directory, prepare_directory
from crashdesk.outbox.notices import MAX_PAYLOAD_BYTES, Notices
from crashdesk.outbox.store import State
from crashdesk.protocol import jsontext
from crashdesk.protocol.feedback import Feedback
from crashdesk.protocol.scrubbing import Scrubber
from crashdesk.protocol.trail import breadcrumb
from crashdesk.sdk import completing, events, guard, leftovers
from crashdesk.sdk.capture import Captures
from crashdesk.sdk.companion import Companion
from crashdesk.sdk.completing import Completer
from crashdesk.sdk.hooks import fault_text
from crashdesk.sdk.hooks.caught import Caught
from crashdesk.sdk.hooks.faults import Hang
from crashdesk.sdk.hooks.installed import Hooks
from crashdesk.sdk.keeping import Keeper
from crashdesk.sdk.losses import Losses
from crashdesk.sdk.options import Options
from crashdesk.sdk.qt.application import QtPart
from crashdesk.sdk.reporting import Reporter
from crashdesk.sdk.run_files import RunFiles
from crashdesk.sdk.scope import Scope, attachment_of
from crashdesk.sdk.snapshot.gather import Gatherer
from crashdesk.sdk.snapshot.product import Providers
from crashdesk.sdk.trail import Trail

BEATS_BETWEEN_LOSSES = 60
SETTLED_BEATS = 2
"""Beats of the event loop after which the program has shown its first window and sentry-sdk may be imported."""


class Guest:
    """The SDK at work in this process."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.providers = Providers()
        self.scope = Scope(Trail(options.max_breadcrumbs), tags=dict(options.tags))
        self._scrubber = _own_scrubber()
        self._qt = QtPart(self.breadcrumb, self, options.hang_seconds)
        self._gatherer = Gatherer(
            self.providers, _app_section(options), self._qt.sections, lambda: self._qt.static_sections
        )
        losses = Losses(str(options.dsn))
        self._completer = Completer(options, self.scope, self._gatherer, losses)
        self.keeper = Keeper(self.directory, losses)
        self._reporter = Reporter(options, self.keeper, self._scrubber, losses, self.wake_agent)
        self.captures = Captures(options, self.scope, self._completer, self._reporter, losses)
        self.captures.take_picture = self._qt.picture
        self._files = RunFiles(self._scrubber.value, self.scope.trail, options.hang_seconds)
        self._hooks = Hooks(self._uncaught, self.breadcrumb, self._sentry_imported, self._child)
        self._companion: Companion | None = None
        self._beats = 0

    # Beginning and end

    def start(self) -> None:
        """Set everything up; each part in its own guard, so that one that fails costs only itself."""
        with guard.inside("hooks"):
            self._hooks.install()
        with guard.inside("run files"):
            self._begin_run()
        with guard.inside("runs that died"):
            self._tell_of_leftovers()
        with guard.inside("Qt"):
            self._qt.watch(self._hooks.imports)
        with guard.inside("end of the program"):
            atexit.register(self.close)
            _guests.add(self)
        if self.options.restart_command:
            self.keeper.set_fact(facts.RESTART_COMMAND, list(self.options.restart_command))
        if self.options.eager:
            with guard.inside("sentry-sdk"):
                self.captures.sentry.start()

    def close(self) -> None:
        """Report what can only be known at the end, then leave the host as it was."""
        for place, step in (
            ("futures nobody read", self._hooks.report_rest),
            ("flush", lambda: self.flush(1.0)),
            ("Qt", self._qt.detach),
            ("hooks", self._hooks.uninstall),
            ("sentry-sdk", self.captures.sentry.close),
            ("run files", self._files.end),
            ("outbox", self.keeper.close),
        ):
            with guard.inside(f"closing: {place}"):
                step()
        atexit.unregister(self.close)
        _guests.discard(self)

    def flush(self, seconds: float) -> bool:
        """Bring all that is only in memory to the outbox; True when nothing is left."""
        with guard.inside("sentry-sdk"):
            self.captures.sentry.flush(seconds)
        self.keeper.write_losses()
        return self.keeper.retry()

    # What the public calls and the hooks use

    @functools.cached_property
    def _data_directory(self) -> Path:
        return self.options.data_dir or default_directory(self.options.product)

    def directory(self) -> Path:
        """Where the outbox of this product and user is."""
        return prepare_directory(self._data_directory)

    def breadcrumb(self, message: str, **about: Any) -> dict[str, Any]:
        """Add one breadcrumb to the trail and return it."""
        crumb = breadcrumb(message, clock.timestamp(), **about)
        self.scope.trail.add(crumb)
        return crumb

    def wake_agent(self) -> None:
        """Start the agent, if it is not there already."""
        if self._companion is None:
            self._companion = Companion(self.options, self.directory())
        self._companion.wake()

    def open_feedback(self, prefill: dict[str, Any]) -> bool:
        """Ask the agent to open its feedback window; False when there is no agent to do so."""
        outbox = self.keeper.open()
        if outbox is None:
            return False
        options = self.options
        about: dict[str, Any] = {
            "product": options.product,
            "release": options.release,
            "environment": options.environment,
        }
        about |= {"dsn": str(options.dsn), "contexts": self._facts_for_the_agent()}
        Notices(outbox).post("open_feedback", {**about, **prefill})
        self.wake_agent()
        return self._companion is not None and bool(self._companion.command())

    def _facts_for_the_agent(self) -> dict[str, Any]:
        """Return the snapshot for a feedback written in the agent's window, unless a notice cannot carry it."""
        with guard.inside("facts for the feedback window"):
            sections: dict[str, Any] = self._scrubber.value(self._gatherer.all())
            if len(jsontext.write(sections)) < MAX_PAYLOAD_BYTES // 2:
                return sections
        return {}

    def send_feedback(self, feedback: Feedback, attachments: Iterable[str | Path]) -> str | None:
        """Keep a person's words and the files they chose."""
        return self.captures.feedback(feedback, [attachment_of(source) for source in attachments])

    def facts_changed(self) -> None:
        """Keep what the product said about this run for a death without notice."""
        with guard.inside("run files"):
            self._files.changed(clock.monotonic(), self._run_facts)

    # What Qt tells

    def attached(self) -> None:
        """Write down the snapshot of Qt, which is known now."""
        self._beats = 0
        with guard.inside("run files"):
            self._files.update(self._run_facts())

    def beat(self) -> None:
        """Once a second while the event loop answers."""
        hang = self._files.beat()
        if hang is not None:
            self._report_hang(hang)
        self._files.write_changes(clock.monotonic(), self._run_facts)
        self._hooks.check()
        self.keeper.retry()
        self._beats += 1
        if self._beats % BEATS_BETWEEN_LOSSES == 0:
            self.keeper.write_losses()
        if self._beats == SETTLED_BEATS and not self.captures.sentry.is_started:
            # in a thread of its own: 100 ms in the window's thread would be felt
            threading.Thread(target=self._start_sentry, name="crashdesk-start", daemon=True).start()

    def loop_ended(self) -> None:
        self._files.pause()

    # Inside

    def _begin_run(self) -> None:
        if self._reporter.state() is None or self.keeper.open() is None:
            return  # nothing may be stored, or nothing can be
        self._files.begin(self.directory(), self._run_facts())

    def _run_facts(self) -> dict[str, Any]:
        return {
            "product": self.options.product,
            "release": self.options.release,
            "environment": self.options.environment,
            "tags": self.scope.tags,
            "user": self.scope.user,
            "snapshot": {**self._gatherer.static(), **self.scope.contexts},
            "modules": self._gatherer.modules(),
        }

    def _tell_of_leftovers(self) -> None:
        if self.keeper.open() is None:
            return
        allowed = self._reporter.state() is not None
        found = crash_files.leftovers(self.directory())
        ended = leftovers.report(found, self.options, self._keep_old, allowed=allowed)
        if ended is not None:
            self.scope.tags.setdefault("previous_exit", ended)
        outbox = self.keeper.open()
        if outbox is not None and outbox.count(State.WAITING, State.READY, State.LATER):
            with guard.inside("waking the agent"):
                self.wake_agent()

    def _keep_old(self, event: dict[str, Any]) -> str | None:
        answer = self._completer.ask_product(event)
        return None if answer is None else self._reporter.keep_event(answer)

    def _uncaught(self, caught: Caught) -> str | None:
        return self.captures.uncaught(caught)

    def _report_hang(self, hang: Hang) -> None:
        fault = fault_text.parse(hang.text)
        if fault is None:
            return
        words = f"The window did not respond for {hang.seconds:.1f} seconds"
        event = events.fault_event(fault, "Hang", words, search_path=sys.path)
        completing.note(event, kind="hang", hook="watchdog", program_went_on=True, hang_seconds=round(hang.seconds, 2))
        self.captures.last_event_id = self.captures.keep(event) or self.captures.last_event_id

    def _sentry_imported(self, _module: Any) -> None:
        """Start our client when the host imports sentry-sdk: what it captures shall be kept as well."""
        self.captures.sentry.start()

    def _start_sentry(self) -> None:
        with guard.inside("sentry-sdk"):
            self.captures.sentry.start()

    def _child(self, work: Callable[[], Any]) -> Any:
        """Run the work of a child process with run files of its own."""
        with guard.inside("run files of a child"):
            self._files.begin(self.directory(), {**self._run_facts(), "is_child": True})
        try:
            return work()
        finally:
            with guard.inside("run files of a child"):
                self.keeper.write_losses()
                self._files.end()

    def after_fork(self) -> None:
        """In a child: files, locks and timers are the parent's."""
        self._files.forget()
        self.keeper.after_fork()
        self.captures.sentry.after_fork()
        self._companion = None


_guests: "weakref.WeakSet[Guest]" = weakref.WeakSet()


def _forked() -> None:
    with guard.inside("a fork"):
        for guest in list(_guests):
            guest.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


def _own_scrubber() -> Scrubber:
    home = os.path.expanduser("~")  # noqa: PTH111 - Path.home() raises where there is none
    host = os.uname().nodename if hasattr(os, "uname") else None
    return Scrubber(home=home if home != "~" else None, user_name=os.path.basename(home), host_name=host)  # noqa: PTH119


def _app_section(options: Options) -> dict[str, Any]:
    started = clock.now().isoformat(timespec="seconds")
    version = (options.release or "").rpartition("@")[2]
    facts = {"app_name": options.product, "app_version": version, "app_start_time": started}
    return {name: fact for name, fact in facts.items() if fact}

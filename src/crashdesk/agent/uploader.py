"""The loop that empties the outbox: claim, stamp, send, then done, later or parked. Knows neither Qt nor HTTP.

When a server fails, everything for it waits together, so that a full outbox does not become a storm of tries.
"""

import random  # noqa: TID251 - this is the caller that rolls; `delay` is pure
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from crashdesk import clock as real_clock
from crashdesk import logs
from crashdesk.agent import stamping
from crashdesk.agent.answers import Answer, Fate, judge
from crashdesk.agent.backoff import delay
from crashdesk.agent.losses import client_report
from crashdesk.errors import CrashdeskError, DeliveryError, UsageError
from crashdesk.outbox.store import Outbox, Report
from crashdesk.protocol.rate_limits import RateLimits

LEASE_SECONDS = 180.0  # longer than the total limit of one delivery
KEY_REFUSED_SECONDS = 3600.0
LONGEST_REST_SECONDS = 60.0
ABORT_LOOK_SECONDS = 0.1
LOOK_SECONDS = 0.5  # how often a resting loop looks whether the product has put something in

_log = logs.logger("agent")


class Sender(Protocol):
    """What `agent.http.HttpSender` does; raises DeliveryError when there was no answer."""

    def send(self, dsn: str, body: bytes) -> Answer: ...

    def abort(self) -> None: ...


class Clock(Protocol):
    """The parts of `crashdesk.clock` that are used here."""

    def now(self) -> datetime: ...

    def monotonic(self) -> float: ...


@dataclass(slots=True)
class _Destination:
    """What is known of one DSN in this run of the agent."""

    failures: int = 0
    blocked_until: float = 0.0
    delivered: int = 0
    limits: RateLimits = field(default_factory=RateLimits)

    def block(self, until: float) -> None:
        self.blocked_until = max(self.blocked_until, until)


class Uploader:
    """Sends what the outbox holds and may be sent; one of it at a time for an outbox."""

    def __init__(
        self,
        outbox: Outbox,
        sender: Sender,
        clock: Clock = real_clock,
        roll: Callable[[], float] = random.random,
        default_dsn: str = "",
    ) -> None:
        self._outbox = outbox
        self._sender = sender
        self._clock = clock
        self._roll = roll
        self._default_dsn = default_dsn
        self._destinations: dict[str, _Destination] = {}
        self._stop = threading.Event()
        self.trouble: str | None = None  # why nothing can be sent at the moment, in words for the person

    def step(self) -> float:
        """Deal with one report; return the seconds until there is something to do."""
        claimed = self._outbox.claim(LEASE_SECONDS, skip=self._blocked())
        if claimed:
            self._deliver(claimed[0])
            return 0.0
        if self._tell_losses():
            return 0.0
        return self._seconds_until_next()

    def run(self, stop: threading.Event, *, until_empty: bool = False) -> None:
        """Work until `stop` is set, which ends a delivery under way, or until nothing is left that could be sent."""
        self._stop = stop
        while not stop.is_set():
            try:
                seen = self._outbox.change_counter()
                seconds = self.step()
                if until_empty and self.is_finished():
                    return
                self._rest(stop, seconds, seen)
            except CrashdeskError as error:  # a full disk, a locked file: it may heal
                self._note_trouble(str(error))
                stop.wait(delay(3, self._roll()))
            except Exception:  # noqa: BLE001 - the loop outlives every surprise; what was claimed comes again
                _log.exception("The uploader met an unexpected error and goes on.")
                stop.wait(delay(4, self._roll()))

    def is_finished(self) -> bool:
        """Say whether nothing is left that could be sent, now or later, without a decision of the person."""
        return self._outbox.next_due_seconds() is None

    def recover(self) -> None:
        """Free what an agent that no longer lives was sending; only the holder of the agent's lock may call this."""
        for report in self._outbox.stale_claims():
            wait = delay(report.attempts, self._roll()) if report.attempts > 1 else 0.0
            self._outbox.later(report, wait, "The agent ended while it was sending.")

    def _deliver(self, report: Report) -> None:
        dsn = report.dsn or self._default_dsn
        destination = self._destinations.setdefault(report.dsn, _Destination())
        limited = destination.limits.blocked_seconds(report.category, self._clock.monotonic())
        if limited > 0:
            self._outbox.later(report, limited, "The server asked to come back later.")
            return
        try:
            body, event_id = stamping.stamp(report.envelope, self._clock.now())
            with self._ended_by_stop():
                answer = self._sender.send(dsn, body)
        except DeliveryError as error:
            self._postpone(report, destination, str(error))
        except (stamping.UnreadableEnvelopeError, UsageError) as error:
            self._outbox.park(report, str(error) or "The stored report cannot be read.")
        else:
            self._settle(report, destination, answer, event_id)

    @contextmanager
    def _ended_by_stop(self) -> Iterator[None]:
        """Abort the delivery in the block when the agent is told to end meanwhile."""
        over = threading.Event()

        def watch() -> None:
            while not over.wait(ABORT_LOOK_SECONDS):
                if self._stop.is_set():
                    self._sender.abort()
                    return

        threading.Thread(target=watch, name="crashdesk-abort", daemon=True).start()
        try:
            yield
        finally:
            over.set()

    def _settle(self, report: Report, destination: _Destination, answer: Answer, event_id: str | None) -> None:
        destination.limits.update(answer.headers, answer.status, self._clock.monotonic())
        verdict = judge(answer, event_id)
        match verdict.fate:
            case Fate.DELIVERED:
                self._outbox.done(report)
                self._note_success(report, destination)
            case Fate.PARKED:
                self._outbox.park(report, verdict.reason)
                _log.info("Report %s was refused: %s", report.event_id, verdict.reason)
            case Fate.KEY_REFUSED:
                self._put_off(report, destination, KEY_REFUSED_SECONDS, verdict.reason)
            case Fate.LIMITED:
                limited = destination.limits.blocked_seconds(report.category, self._clock.monotonic())
                if limited > 0:
                    self._outbox.later(report, limited, verdict.reason)
                else:
                    self._postpone(report, destination, verdict.reason)
            case Fate.AGAIN:
                self._postpone(report, destination, verdict.reason)

    def _postpone(self, report: Report, destination: _Destination, reason: str) -> None:
        """Come back after a time that grows with the failures of this server and with those of this report."""
        destination.failures += 1
        roll = self._roll()
        destination.block(self._clock.monotonic() + delay(destination.failures, roll))
        self._outbox.later(report, delay(max(destination.failures, report.attempts), roll), reason)
        self._note_trouble(reason)

    def _put_off(self, report: Report, destination: _Destination, seconds: float, reason: str) -> None:
        destination.failures += 1
        destination.block(self._clock.monotonic() + seconds)
        self._outbox.later(report, seconds, reason)
        self._note_trouble(reason)

    def _note_success(self, report: Report, destination: _Destination) -> None:
        _log.info("Report %s was delivered.", report.event_id)
        destination.delivered += 1
        if destination.failures:
            destination.failures = 0
            self._outbox.hasten(report.dsn)
        self.trouble = None

    def _note_trouble(self, reason: str) -> None:
        if reason != self.trouble:
            _log.info("Nothing can be sent at the moment: %s", reason)
        self.trouble = reason

    def _tell_losses(self) -> bool:
        """Tell a server that just took reports what was given up meanwhile; say whether there was anything."""
        untold = [drop for drop in self._outbox.drops(untold=True) if self._takes(drop.dsn)]
        if not untold:
            return False
        dsn = untold[0].dsn
        drops = [drop for drop in untold if drop.dsn == dsn]
        self._outbox.add_client_report(client_report(dsn, drops, self._clock.now()), drops)
        return True

    def _takes(self, dsn: str) -> bool:
        destination = self._destinations.get(dsn)
        return destination is not None and destination.delivered > 0 and destination.failures == 0

    def _blocked(self) -> list[str]:
        now = self._clock.monotonic()
        return [dsn for dsn, destination in self._destinations.items() if destination.blocked_until > now]

    def _seconds_until_next(self) -> float:
        """Return the time until a report is due or a blocked server may be tried again, whichever comes first."""
        now = self._clock.monotonic()
        blocked = self._blocked()
        times = [self._destinations[dsn].blocked_until - now for dsn in blocked]
        due = self._outbox.next_due_seconds(skip=blocked)
        if due is not None:
            times.append(due)
        return min([*times, LONGEST_REST_SECONDS])

    def _rest(self, stop: threading.Event, seconds: float, seen: int) -> None:
        """Wait, but not longer than until somebody changes the outbox."""
        ends_at = real_clock.monotonic() + seconds
        while (left := ends_at - real_clock.monotonic()) > 0:
            if stop.wait(min(left, LOOK_SECONDS)) or self._outbox.change_counter() != seen:
                return

"""Waiting reports as problems to ask about: equal ones together, each asked once in a run of the product. Pure.

A *standing answer* is what a person ticked "do not ask again" for; an *answer of this run* covers repeats of the same
problem until the product starts anew, as its window says.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from crashdesk.agent.ui.reply import Reply
from crashdesk.protocol.envelope import Envelope, EnvelopeError
from crashdesk.protocol.event import EventView

_STEP_CATEGORIES = frozenset({"ui.click", "ui.menu", "ui.shortcut", "ui.key", "click", "navigation"})
"""Breadcrumbs that are something the person did, and that they will recognise."""

_CLASS_NAME = re.compile(r"\b(?:Q[A-Z]|qt_)\w*$")
"""How a step ends whose place has only the toolkit's name: it tells its makers something, and a person nothing."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One report that waits for the person, read far enough to speak about it."""

    report_id: int
    likeness: str
    envelope: Envelope
    event: EventView

    @property
    def run(self) -> str:
        """Which run of the product it comes from: two reports of one run have the same text."""
        app = _context(self.event, "app")
        return str(app.get("app_start_time") or _context(self.event, "crashdesk").get("run") or "")


@dataclass(frozen=True, slots=True)
class Problem:
    """What one window asks about: the newest report of a likeness and those like it."""

    newest: Waiting
    report_ids: tuple[int, ...]
    runs: frozenset[str]
    product: str

    @property
    def likeness(self) -> str:
        return self.newest.likeness

    @property
    def times(self) -> int:
        return len(self.report_ids)

    @property
    def kind(self) -> str:
        return str(self.newest.event.kind)

    @property
    def went_on(self) -> bool:
        """Whether the product still runs."""
        return _context(self.newest.event, "crashdesk").get("program_went_on") is True

    @property
    def runs_again(self) -> bool:
        """Whether the product was started anew before it could tell: then there is nothing to restart."""
        return bool(_context(self.newest.event, "crashdesk").get("told_at"))

    @property
    def hang_seconds(self) -> float | None:
        """How long the product did not respond, when it is known."""
        facts = _context(self.newest.event, "crashdesk")
        value = facts.get("hang_seconds", facts.get("duration_seconds"))
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None

    @property
    def happened_at(self) -> datetime | None:
        return self.newest.event.happened_at

    @property
    def last_step(self) -> str:
        """The last thing the person did that has a name for people, in the trail's words; empty when there is none."""
        for step in reversed(self.newest.event.breadcrumbs):
            category = str(step.get("category") or step.get("type") or "")
            words = str(step.get("message") or "")
            if category in _STEP_CATEGORIES and words and not _CLASS_NAME.search(words):
                return words
        return ""


def parse(envelope: bytes) -> Envelope:
    """Return the envelope, or one without items when its bytes are damaged."""
    try:
        return Envelope.parse(envelope)
    except EnvelopeError:
        return Envelope({}, [])


def read(report_id: int, likeness: str, envelope: bytes) -> Waiting:
    """Return a waiting report, readable as far as it is; a damaged one still gets its window."""
    parsed = parse(envelope)
    payload = next((item for item in parsed.items if item.type in {"event", "feedback"}), None)
    try:
        value = payload.json() if payload is not None else {}
    except EnvelopeError:
        value = {}
    return Waiting(
        report_id, likeness or f"report:{report_id}", parsed, EventView(value if isinstance(value, dict) else {})
    )


def _context(event: EventView, name: str) -> Mapping[str, Any]:
    return event.context(name)


@dataclass(slots=True)
class Memory:
    """What was answered already: for ever by likeness, and in this run by likeness and run."""

    standing: dict[str, Reply] = field(default_factory=dict)
    this_run: dict[tuple[str, str], Reply] = field(default_factory=dict)

    def note(self, problem: Problem, reply: Reply) -> None:
        """Keep an answer for what comes later."""
        for run in problem.runs:
            self.this_run[problem.likeness, run] = reply
        if reply.is_for_ever:
            self.standing[problem.likeness] = reply

    def forget(self, problem: Problem) -> None:
        """Take an answer back that could not be carried out."""
        for run in problem.runs:
            self.this_run.pop((problem.likeness, run), None)
        self.standing.pop(problem.likeness, None)

    def answer_for(self, waiting: Waiting) -> Reply | None:
        if waiting.likeness in self.standing:
            return self.standing[waiting.likeness]
        return self.this_run.get((waiting.likeness, waiting.run))


@dataclass(frozen=True, slots=True)
class Plan:
    """What follows from the waiting reports: problems to ask about, and reports whose answer is known."""

    ask: tuple[Problem, ...]
    settled: tuple[tuple[Waiting, Reply], ...]


def plan(waiting: Iterable[Waiting], memory: Memory, product: str) -> Plan:
    """Decide about each waiting report; `waiting` comes newest first, and so do the problems."""
    groups: dict[str, list[Waiting]] = {}
    settled = []
    for report in waiting:
        reply = memory.answer_for(report)
        if reply is None:
            groups.setdefault(report.likeness, []).append(report)
        else:
            settled.append((report, reply))
    return Plan(tuple(_problem(group, product) for group in groups.values()), tuple(settled))


def _problem(group: Sequence[Waiting], product: str) -> Problem:
    runs = frozenset(report.run for report in group)
    named = str(group[0].event.context("crashdesk").get("product") or product)
    return Problem(group[0], tuple(report.report_id for report in group), runs, named)

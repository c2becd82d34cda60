"""What the windows need to know of the outbox, read on the background thread."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crashdesk.agent.ui import problems, reply
from crashdesk.agent.ui.feedback_report import FeedbackDraft, draft_from_json
from crashdesk.agent.ui.problems import Waiting
from crashdesk.agent.ui.reply import Reply
from crashdesk.outbox import facts
from crashdesk.outbox.notices import Consent, Notices
from crashdesk.outbox.reports import CLIENT_REPORT
from crashdesk.outbox.store import TO_SEND, Outbox, Report, State


@dataclass(frozen=True, slots=True)
class Look:
    """The outbox at one moment."""

    waiting: tuple[Waiting, ...] = ()
    standing: Mapping[str, Reply] = field(default_factory=dict)
    drafts: Mapping[int, Reply] = field(default_factory=dict)
    feedback_draft: FeedbackDraft | None = None
    contact: str = ""
    restart_command: tuple[str, ...] = ()
    consent: Consent = Consent.UNKNOWN
    sizes: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    to_send: int = 0
    dsn: str = ""
    reports: tuple[Report, ...] = ()


@dataclass(frozen=True, slots=True)
class Messages:
    """What the product or another agent asked for since the last time."""

    feedback: tuple[Mapping[str, Any], ...] = ()
    show: bool = False
    quit: bool = False


class Reader:
    """Looks at the outbox and reads each waiting report once; used on the background thread only."""

    def __init__(self, outbox: Outbox, notices: Notices) -> None:
        self._outbox = outbox
        self._notices = notices
        self._read: dict[int, Waiting] = {}
        self._seen: int | None = None

    def messages(self) -> Messages:
        self._notices.take("report_waiting")  # the waiting reports themselves say so
        return Messages(
            feedback=tuple(self._notices.take("open_feedback")),
            show=bool(self._notices.take("show")),
            quit=bool(self._notices.take("quit")),
        )

    def look(self, *, anyway: bool = False) -> Look | None:
        """Return the outbox as it is now; None when nobody changed it since the last look."""
        counter = self._outbox.change_counter()
        if counter == self._seen and not anyway:
            return None
        self._seen = counter
        reports = [report for report in self._outbox.reports() if report.kind != CLIENT_REPORT]
        waiting = [report for report in reports if report.state is State.WAITING]
        return Look(
            waiting=self._waiting(waiting),
            standing=reply.standing_from_json(self._outbox.fact(facts.ANSWERS)),
            drafts=self._drafts(waiting),
            feedback_draft=draft_from_json(self._outbox.fact(facts.DRAFT_OF_FEEDBACK)),
            contact=str(self._outbox.fact(facts.CONTACT) or ""),
            restart_command=_command(self._outbox.fact(facts.RESTART_COMMAND)),
            consent=self._notices.consent,
            sizes=sizes_from_json(self._outbox.fact(facts.WINDOWS)),
            to_send=sum(report.state in TO_SEND for report in reports),
            dsn=reports[-1].dsn if reports else "",
            reports=tuple(reversed(reports)),
        )

    def _waiting(self, reports: list[Report]) -> tuple[Waiting, ...]:
        known = {}
        for report in reversed(reports):
            found = self._read.get(report.id) or self._read_one(report)
            if found is not None:
                known[report.id] = found
        self._read = known
        return tuple(known.values())

    def _read_one(self, report: Report) -> Waiting | None:
        whole = self._outbox.get(report.id)
        return None if whole is None else problems.read(whole.id, whole.likeness, whole.envelope)

    def _drafts(self, reports: list[Report]) -> dict[int, Reply]:
        found = {report.id: self._outbox.fact(facts.draft_of_report(report.id)) for report in reports}
        return {number: reply.reply_from_draft(value) for number, value in found.items() if isinstance(value, dict)}


def _command(value: Any) -> tuple[str, ...]:
    is_list = isinstance(value, list) and bool(value) and all(isinstance(part, str) for part in value)
    return tuple(value) if is_list else ()


def sizes_from_json(value: Any) -> dict[str, tuple[int, int]]:
    found = {}
    for name, size in value.items() if isinstance(value, dict) else ():
        if isinstance(size, list) and len(size) == 2 and all(isinstance(side, int) for side in size):
            found[str(name)] = (size[0], size[1])
    return found

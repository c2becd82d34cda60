"""The other windows, one of each at most: feedback, consent, my reports."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QSize, Signal

from crashdesk import clock
from crashdesk.agent.ui import deciding, this_computer
from crashdesk.agent.ui.consent_window import ConsentWindow
from crashdesk.agent.ui.feedback_report import FeedbackDraft, Opening, opening
from crashdesk.agent.ui.feedback_window import FeedbackWindow, Sending
from crashdesk.agent.ui.looking import Look
from crashdesk.agent.ui.outbox_window import OutboxWindow
from crashdesk.agent.ui.problem_desk import Surroundings
from crashdesk.agent.ui.sheet import Sheet
from crashdesk.logs import logger
from crashdesk.outbox.notices import Consent
from crashdesk.outbox.store import State
from crashdesk.protocol.envelope import new_event_id

_log = logger("agent.ui")


class SheetDesk(QObject):
    """Opens what was asked for, or brings it to the front; `changed` when the outbox should be looked at again."""

    changed = Signal()
    consented = Signal(object)
    closed = Signal(object)

    def __init__(self, around: Surroundings) -> None:
        super().__init__()
        self._around = around
        self._look = Look()
        self._trouble: str | None = None
        self._open: dict[str, Sheet] = {}

    @property
    def windows(self) -> list[Sheet]:
        return list(self._open.values())

    def take(self, look: Look, trouble: str | None) -> None:
        """Show what is new in the windows that are open."""
        self._look, self._trouble = look, trouble
        window = self._open.get("outboxWindow")
        if isinstance(window, OutboxWindow):
            window.show_reports(look.reports, clock.now(), trouble)

    def _product(self) -> str:
        """Return the product's name: the one the agent was started with, else the one of its newest report."""
        newest = next((report.product for report in self._look.reports if report.product), "")
        return self._around.product or newest or self.tr("this program")

    def close(self) -> None:
        for window in self.windows:
            window.close()

    def open_feedback(self, payload: Mapping[str, Any]) -> None:
        if not self._bring("feedbackWindow"):
            at = opening(payload, self._product(), self._look.dsn)
            at = replace(at, contexts={**this_computer.sections(), **at.contexts})
            self._show_feedback(at, self._look.feedback_draft, new_event_id())

    def _show_feedback(self, at: Opening, draft: FeedbackDraft | None, feedback_id: str) -> FeedbackWindow:
        window = FeedbackWindow(at, draft, self._look.contact, feedback_id, self._around.background)
        window.kept.connect(self._keep_feedback)
        window.sent.connect(self._send_feedback)
        window.settings_wanted.connect(self.open_consent)
        self._keep(window)
        return window

    def _keep_feedback(self, draft: FeedbackDraft) -> None:
        self._around.background.ask(partial(deciding.keep_feedback_draft, self._around.outbox, draft), self._look_again)

    def _send_feedback(self, sending: Sending) -> None:
        work = partial(deciding.put_feedback, self._around.outbox, sending, self._product())
        self._around.background.ask(work, self._look_again, lambda text: self._feedback_failed(sending, text))

    def _feedback_failed(self, sending: Sending, text: str) -> None:
        """Show the words again, with the reason why they could not be kept."""
        _log.warning("feedback could not be put into the outbox: %s", text)
        self._show_feedback(sending.opening, sending.draft, sending.feedback_id).show_problem(text)

    def open_consent(self) -> None:
        if not self._bring("consentWindow"):
            waiting = sum(report.state is State.WAITING for report in self._look.reports)
            window = ConsentWindow(self._product(), self._look.consent, waiting, self._consent)
            window.reports_wanted.connect(lambda: self.open_outbox(self._trouble))
            self._keep(window)

    def _consent(self, consent: Consent) -> None:
        self.consented.emit(consent)

    def open_outbox(self, trouble: str | None) -> None:
        if not self._bring("outboxWindow"):
            window = OutboxWindow(self._product(), self._send_report, self._delete_report)
            window.show_reports(self._look.reports, clock.now(), trouble)
            self._keep(window)

    def _send_report(self, number: int) -> None:
        self._around.background.ask(partial(deciding.send_now, self._around.outbox, number), self._look_again)

    def _delete_report(self, number: int) -> None:
        self._around.background.ask(partial(self._around.outbox.refuse, number), self._look_again)

    def _look_again(self, _result: None) -> None:
        self.changed.emit()

    def _bring(self, name: str) -> bool:
        window = self._open.get(name)
        if window is not None:
            window.come_forward()
        return window is not None

    def _keep(self, window: Sheet) -> None:
        name = window.objectName()
        size = self._look.sizes.get(name)
        if size is not None:
            window.fit(QSize(*size))
        self._open[name] = window
        window.finished.connect(lambda _code: self._forget(name, window))
        window.come_forward()

    def _forget(self, name: str, window: Sheet) -> None:
        if self._open.get(name) is window:
            del self._open[name]
        self.closed.emit(window)

"""The agent's hand between outbox and person: looks, opens windows, and ends when there is nothing to do any more."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from crashdesk import clock
from crashdesk.agent.ui import deciding
from crashdesk.agent.ui.background import Background
from crashdesk.agent.ui.consent_window import consent_in_words
from crashdesk.agent.ui.looking import Look, Messages, Reader
from crashdesk.agent.ui.problem_desk import ProblemDesk, Surroundings
from crashdesk.agent.ui.reply import Action
from crashdesk.agent.ui.sheet import Sheet
from crashdesk.agent.ui.sheet_desk import SheetDesk
from crashdesk.logs import logger
from crashdesk.outbox.notices import Consent, Notices
from crashdesk.outbox.store import Outbox

POLL_MILLISECONDS = 250

_log = logger("agent.ui")


class Desk(QObject):
    """Looks at the outbox four times a second, in the background; `finished` when the agent may end."""

    finished = Signal()

    def __init__(
        self,
        outbox: Outbox,
        notices: Notices,
        background: Background,
        product: str,
        *,
        idle_seconds: float | None,
        trouble: Callable[[], str | None] = lambda: None,
    ) -> None:
        super().__init__()
        self._outbox = outbox
        self._notices = notices
        self._background = background
        self._idle_seconds = idle_seconds
        self._trouble = trouble
        self._reader = Reader(outbox, notices)
        self._look = Look()
        self.was_told_to_end = False
        self._is_looking = False
        self._failure = ""
        self._busy_at = clock.monotonic()
        around = Surroundings(outbox, background, product)
        self.problems = ProblemDesk(around)
        self.sheets = SheetDesk(around)
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MILLISECONDS)
        self._connect()

    def _connect(self) -> None:
        self._timer.timeout.connect(self._poll)
        self.problems.changed.connect(self._look_anyway)
        self.problems.settings_wanted.connect(self.sheets.open_consent)
        self.problems.closed.connect(self._remember_size)
        self.sheets.changed.connect(self._look_anyway)
        self.sheets.consented.connect(self._consent)
        self.sheets.closed.connect(self._remember_size)

    def start(self) -> None:
        self._timer.start()
        self._poll()

    def close(self) -> None:
        """Put every window aside, drafts kept."""
        self._timer.stop()
        self.problems.close()
        self.sheets.close()

    @property
    def windows(self) -> list[Sheet]:
        return [*self.problems.windows, *self.sheets.windows]

    def _poll(self) -> None:
        if not self._is_looking:
            self._is_looking = True
            self._background.ask(lambda: (self._reader.messages(), self._reader.look()), self._receive, self._fail)

    def _look_anyway(self) -> None:
        self._background.ask(lambda: self._reader.look(anyway=True), self._take, self._fail)

    def _fail(self, text: str) -> None:
        self._is_looking = False
        for window in self.windows:
            window.show_problem(text)
        if text != self._failure:
            _log.warning("the outbox cannot be used: %s", text)
        self._failure = text

    def _receive(self, found: tuple[Messages, Look | None]) -> None:
        self._is_looking = False
        messages, look = found
        self._take(look)
        self._follow(messages)
        self._end_if_idle()

    def _take(self, look: Look | None) -> None:
        if self._failure:
            self._failure = ""
            for window in self.windows:
                window.show_problem("")
        if look is not None:
            self._look = look
            self.problems.take(look)
            self.sheets.take(look, self._trouble())

    def _follow(self, messages: Messages) -> None:
        for payload in messages.feedback[-1:]:
            self.sheets.open_feedback(payload)
        if messages.show:
            self.come_to_front()
        if messages.quit:
            self.was_told_to_end = True
            self.finished.emit()

    def come_to_front(self) -> None:
        """Show what is open, else the list of reports: the agent was started a second time."""
        if not self.windows:
            self.sheets.open_outbox(self._trouble())
        for window in self.windows:
            window.come_forward()

    def _end_if_idle(self) -> None:
        now = clock.monotonic()
        if self._look.to_send or self.windows or self.problems.is_busy:
            self._busy_at = now
        elif self._idle_seconds is not None and now - self._busy_at >= self._idle_seconds:
            self.finished.emit()

    def _consent(self, consent: Consent) -> None:
        """Carry out a general choice: it is also the answer to every open question."""
        if consent is Consent.GIVEN:
            self.problems.answer_all(Action.SEND)
        elif consent is Consent.REFUSED:
            self.problems.answer_all(Action.REFUSE)
        for window in self.problems.windows:
            window.set_consent_in_words(consent_in_words(consent))
        work = partial(deciding.set_consent, self._outbox, self._notices, consent)
        self._background.ask(work, lambda _result: self._look_anyway(), self._fail)

    def _remember_size(self, window: Sheet) -> None:
        if window.was_resized_by_person():
            name, width, height = window.objectName(), window.width(), window.height()
            self._background.ask(partial(deciding.remember_size, self._outbox, name, width, height))

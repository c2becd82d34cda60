"""Crash windows: one for each problem that waits, never twice in a run, and what follows from each answer."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, QProcess, QSize, Signal

from crashdesk import clock
from crashdesk.agent.ui import deciding
from crashdesk.agent.ui.background import Background
from crashdesk.agent.ui.consent_window import consent_in_words
from crashdesk.agent.ui.crash_window import CrashWindow, Known
from crashdesk.agent.ui.looking import Look
from crashdesk.agent.ui.problems import Memory, Problem, plan
from crashdesk.agent.ui.reply import Action, Reply
from crashdesk.logs import logger
from crashdesk.outbox.store import Outbox
from crashdesk.protocol.envelope import new_event_id

MAX_WINDOWS = 3
"""More problems than these wait until a window has its answer."""

_log = logger("agent.ui")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the desks share."""

    outbox: Outbox
    background: Background
    product: str


class ProblemDesk(QObject):
    """Opens crash windows for what waits; `changed` when the outbox should be looked at again."""

    changed = Signal()
    settings_wanted = Signal()
    closed = Signal(object)

    def __init__(self, around: Surroundings) -> None:
        super().__init__()
        self._around = around
        self._memory = Memory()
        self._look = Look()
        self._windows: dict[str, CrashWindow] = {}
        self._in_hand: set[int] = set()

    @property
    def windows(self) -> list[CrashWindow]:
        return list(self._windows.values())

    @property
    def is_busy(self) -> bool:
        """Whether an answer is still being carried out."""
        return bool(self._in_hand)

    def take(self, look: Look) -> None:
        """Ask about what waits and was not answered; carry on with the answer where there is one."""
        self._look = look
        self._memory.standing = {**look.standing, **self._memory.standing}
        waiting = [report for report in look.waiting if report.report_id not in self._in_hand]
        decided = plan(waiting, self._memory, self._around.product)
        for report, reply in decided.settled:
            if reply.action is not Action.LATER:
                work = partial(deciding.settle_repeat, self._around.outbox, report.report_id, reply)
                self._carry_out({report.report_id}, work)
        for problem in decided.ask:
            self._ask_about(problem)

    def answer_all(self, action: Action) -> None:
        """Give every open window the same answer: the person changed their general choice."""
        for window in self.windows:
            window.give(action)

    def close(self) -> None:
        for window in self.windows:
            window.close()

    def _ask_about(self, problem: Problem) -> None:
        window = self._windows.get(problem.likeness)
        if window is not None:
            window.add_repeats(problem)
        elif len(self._windows) < MAX_WINDOWS:
            self._open(problem, self._draft_of(problem))

    def _draft_of(self, problem: Problem) -> Reply | None:
        drafts = self._look.drafts
        return next((drafts[number] for number in problem.report_ids if number in drafts), None)

    def _open(self, problem: Problem, draft: Reply | None) -> CrashWindow:
        size = self._look.sizes.get("crashWindow")
        known = Known(
            now=clock.now(),
            draft=draft,
            contact=self._look.contact,
            consent_in_words=consent_in_words(self._look.consent),
            can_restart=bool(self._look.restart_command),
            feedback_id=new_event_id(),
            size=None if size is None else QSize(*size),
        )
        window = CrashWindow(problem, known, self._around.background)
        window.answered.connect(lambda reply: self._answered(window, reply, known.feedback_id))
        window.drafted.connect(lambda reply: self._keep_draft(window.case, reply))
        window.settings_wanted.connect(self.settings_wanted)
        self._windows[problem.likeness] = window
        window.come_forward()
        return window

    def _keep_draft(self, problem: Problem, reply: Reply) -> None:
        work = partial(deciding.keep_draft, self._around.outbox, problem.newest.report_id, reply)
        self._around.background.ask(work)

    def _answered(self, window: CrashWindow, reply: Reply, feedback_id: str) -> None:
        problem = window.case
        self._windows.pop(problem.likeness, None)
        self.closed.emit(window)
        self._memory.note(problem, reply)
        work = partial(deciding.settle, self._around.outbox, problem, reply, feedback_id)
        self._carry_out(
            set(problem.report_ids),
            work,
            lambda: self._restart() if reply.is_restart_wanted else None,
            lambda text: self._ask_anew(problem, reply, text),
        )

    def _carry_out(
        self,
        numbers: set[int],
        work: Callable[[], None],
        then: Callable[[], None] = lambda: None,
        otherwise: Callable[[str], None] = lambda _text: None,
    ) -> None:
        """Do what was answered; while it is under way its reports are not asked about again."""
        self._in_hand |= numbers

        def done(_result: None) -> None:
            self._in_hand -= numbers
            then()
            self.changed.emit()

        def failed(text: str) -> None:
            self._in_hand -= numbers
            _log.warning("an answer could not be carried out: %s", text)
            otherwise(text)

        self._around.background.ask(work, done, failed)

    def _ask_anew(self, problem: Problem, reply: Reply, text: str) -> None:
        """Show the window again with everything that was entered, and what went wrong."""
        self._memory.forget(problem)
        self._open(problem, reply).show_problem(text)

    def _restart(self) -> None:
        """Start the product again, with the command it left for this; it is no child that dies with us."""
        program, *arguments = self._look.restart_command
        process = QProcess()
        process.setProgram(program)
        process.setArguments(arguments)
        for redirect in (process.setStandardOutputFile, process.setStandardErrorFile):
            redirect(QProcess.nullDevice())
        is_started = bool(process.startDetached())  # the stubs promise a pair, it returns a bool
        if not is_started:
            _log.warning("the product could not be started again: %s", process.errorString())

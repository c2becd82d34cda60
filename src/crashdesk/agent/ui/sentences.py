"""What happened, in plain words: what is known, what became of the program, what came shortly before. No blame."""

from datetime import datetime

from PySide6.QtCore import QCoreApplication

from crashdesk.agent.ui.problems import Problem
from crashdesk.agent.ui.readable import day, time_of_day, visible

MAX_STEP = 120
"""Characters of the last step that are quoted."""

MARKS = {
    "native": ("crash", "red"),
    "python": ("crash", "red"),
    "hang": ("hang", "amber"),
    "abnormal": ("abnormal", "violet"),
    "exit": ("abnormal", "violet"),
    "message": ("message", "blue"),
    "feedback": ("feedback", "blue"),
}
"""Icon and colour of each kind; the sentence beside it says the same in words."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("CrashWindow", text)


def mark(problem: Problem) -> tuple[str, str]:
    return MARKS.get(problem.kind, ("crash", "red"))


def product_name(problem: Problem) -> str:
    """Return what the program is called."""
    return visible(problem.product) or _tr("The program")


def head(problem: Problem) -> str:
    """Return the title of the window: one statement."""
    statements = {
        "native": _tr("{product} stopped working"),
        "abnormal": _tr("{product} ended unexpectedly"),
        "exit": _tr("{product} ended unexpectedly"),
        "message": _tr("{product} has something to report"),
        "hang": _tr("{product} did not respond"),
    }
    product = product_name(problem)
    if problem.kind == "hang" and problem.hang_seconds is not None:
        text = _tr("{product} did not respond for {seconds} seconds")
        return text.format(product=product, seconds=round(problem.hang_seconds))
    otherwise = _tr("{product} ran into an error") if problem.went_on else _tr("{product} had to close")
    return statements.get(problem.kind, otherwise).format(product=product)


def story(problem: Problem, now: datetime) -> str:
    """Return what follows the title: what became of the program, when, how often, what came before."""
    sentences = [_outcome(problem), _moment(problem, now), _repeats(problem), _before(problem)]
    return " ".join(sentence for sentence in sentences if sentence)


def _outcome(problem: Problem) -> str:
    if problem.kind == "message":
        return ""
    if problem.went_on and problem.kind == "hang":
        return _tr("It works again.")
    if problem.went_on:
        return _tr("It went on running, but what you did last may not have worked.")
    if problem.kind == "hang":
        return _tr("It was closed before it answered again.")
    if problem.kind == "python":
        return _tr("It met an error that it could not get past.")
    return _tr("It ended without warning.")


def _moment(problem: Problem, now: datetime) -> str:
    """Say when, for what did not happen just now."""
    at = problem.happened_at
    if at is None or (now - at).total_seconds() < 120:
        return ""
    here, today = at.astimezone(), now.astimezone()
    if here.date() == today.date():
        return _tr("This was at {time}.").format(time=time_of_day(here))
    return _tr("This was on {day} at {time}.").format(day=day(here), time=time_of_day(here))


def _repeats(problem: Problem) -> str:
    if problem.times < 2:
        return ""
    if problem.times == 2:
        return _tr("This happened twice.")
    return _tr("This happened {count} times.").format(count=problem.times)


def _before(problem: Problem) -> str:
    step = visible(problem.last_step).replace("\n", " ").strip().rstrip(".")
    if not step:
        return ""
    step = step[0].lower() + step[1:] if step[1:2].islower() else step
    shown = step if len(step) <= MAX_STEP else f"{step[: MAX_STEP - 1]}…"
    return _tr("Shortly before: {step}.").format(step=shown)

"""Table of words and marks for kinds, states and changes: pages and handbook use these and no others."""

from dataclasses import dataclass

from django.utils.translation import gettext_noop as _


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of event is shown: a word, a shape and a colour that repeats them, and what it means."""

    word: str
    shape: str
    colour: str
    meaning: str


KINDS: dict[str, Kind] = {
    "python": Kind(_("Error"), "dot", "red", _("a Python exception that nobody caught")),
    "error": Kind(_("Error"), "dot", "red", _("an exception of another language")),
    "native": Kind(_("Crash"), "square", "red", _("the process died in native code")),
    "hang": Kind(_("Hang"), "triangle", "amber", _("the windows did not answer for some seconds")),
    "abnormal": Kind(_("Ended"), "diamond", "violet", _("the process ended without a goodbye and without a crash")),
    "exit": Kind(_("Exit"), "diamond", "violet", _("the process ended with an error status")),
    "message": Kind(_("Message"), "ring", "grey", _("a line that the product sent on purpose")),
    "security": Kind(_("Policy"), "triangle", "grey", _("a browser kept a page from breaking one of its rules")),
    "feedback": Kind(_("Feedback"), "bubble", "blue", _("a user's own words")),
}

FEEDBACK_KINDS: dict[str, Kind] = {
    "problem": Kind(_("Problem"), "dot", "red", _("something does not work")),
    "idea": Kind(_("Idea"), "diamond", "blue", _("something could be better")),
    "question": Kind(_("Question"), "ring", "grey", _("something is unclear")),
    "praise": Kind(_("Praise"), "square", "green", _("something is good")),
}

STATES: dict[str, str] = {
    "unresolved": _("unresolved"),
    "resolved": _("resolved"),
    "ignored": _("ignored"),
}

CHANGES: dict[str, str] = {
    "state": _("set the state from %(before)s to %(after)s"),
    "assignee": _("changed the assignee from %(before)s to %(after)s"),
    "merged": _("merged issue %(before)s into this one"),
    "regressed": _("came back in release %(after)s"),
}

SHAPES: dict[str, str] = {
    "dot": '<circle cx="5" cy="5" r="4.5" fill="currentColor"/>',
    "square": '<path d="M.5.5h9v9h-9z" fill="currentColor"/>',
    "triangle": '<path d="M5 .5 9.7 9.5H.3z" fill="currentColor"/>',
    "diamond": '<path d="M5 0l5 5-5 5-5-5z" fill="currentColor"/>',
    "ring": '<circle cx="5" cy="5" r="3.7" fill="none" stroke="currentColor" stroke-width="1.6"/>',
    "bubble": '<path d="M.5 1h9v6H5L2.5 9.5V7h-2z" fill="currentColor"/>',
}

CATEGORIES: dict[str, str] = {
    "error": _("Errors, crashes, messages"),
    "security": _("Broken page policies"),
    "feedback": _("Users' words"),
    "attachment": _("Files"),
    "session": _("Runs of the product"),
    "internal": _("Accounts of clients"),
    "transaction": _("Transactions"),
    "span": _("Spans"),
    "profile": _("Profiles"),
    "profile_chunk": _("Pieces of profiles"),
    "replay": _("Recordings"),
    "log_item": _("Log records"),
    "trace_metric": _("Measured values"),
    "metric_bucket": _("Measured values, older form"),
    "monitor": _("Signs of life of jobs"),
    "default": _("What could not be recognised"),
}

NOTHING = "\N{EN DASH}"


def number(value: int) -> str:
    """Write a number with thousands apart: 1 234 567."""
    return f"{value:,}".replace(",", "\u202f")


def kind(name: str, kinds: dict[str, Kind] = KINDS) -> Kind:
    """Return how the kind `name` is shown; one we do not know keeps its own name."""
    return kinds.get(name) or Kind(name[:16] or _("Event"), "ring", "grey", "")

"""Table of the facts that product and agent keep for each other in the outbox: each named once, with its meaning."""

CONSENT = "consent"
RESTART_COMMAND = "restart_command"
INSTALLATION = "installation"
CONTACT = "contact"
ANSWERS = "answers"
WINDOWS = "windows"
DRAFT_OF_FEEDBACK = "draft:feedback"
_DRAFT_OF_REPORT = "draft:"

FACTS: dict[str, str] = {
    CONSENT: "What the person allowed: given or refused; nothing while they are asked each time.",
    RESTART_COMMAND: "How the product is started again after a crash; left by the product.",
    INSTALLATION: "The random number that tells this installation from others.",
    CONTACT: "The mail address that the person gave last time.",
    ANSWERS: "What the person answered for ever, by likeness.",
    WINDOWS: "The sizes that the person gave to the agent's windows.",
    DRAFT_OF_FEEDBACK: "Feedback that was begun and not sent.",
    f"{_DRAFT_OF_REPORT}NUMBER": "What was entered about one report and not sent.",
}


def draft_of_report(report_id: int) -> str:
    """Return the name of the fact that keeps what was entered about one report."""
    return f"{_DRAFT_OF_REPORT}{report_id}"

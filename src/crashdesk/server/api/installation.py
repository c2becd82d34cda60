"""What this installation received and stored: for load tests and for whoever watches that the sums agree."""

from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from crashdesk.errors import StorageError
from crashdesk.server.api.answers import Refusal, answer
from crashdesk.server.api.authentication import Caller
from crashdesk.server.events import queries as events
from crashdesk.server.intake.queue import IntakeReader
from crashdesk.server.issues import queries as issues


def stats(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Answer with counts over all projects, which is why it is for whoever runs the server only."""
    del request
    if not caller.user.is_superuser:
        raise Refusal(403, "These figures are for whoever runs this server: use a token of a superuser.")
    received, waiting = _intake(events.intake_position())
    stored = events.stored_count()
    counts = {"events_received": received, "events_stored": stored, "intake_waiting": waiting}
    return answer(counts | {"issues": issues.issue_count()})


def _intake(position: int) -> tuple[int, int]:
    """Return how many bodies were ever accepted, and how many of them wait; none before the collector's first start."""
    try:
        reader = IntakeReader.open(Path(settings.CRASHDESK_DATA or "") / "intake.sqlite")
    except StorageError:
        return 0, 0
    try:
        return reader.received(), reader.waiting(position)
    finally:
        reader.close()

"""Looks through a server's data with the server's own code, in a process of its own: what is stored, does it add up.

``python -m support.inventory DATA`` prints one JSON object. With ``--recover`` lines of standard input name data
directories (SQLite); each is first brought forward as a start of collector and processor does, then looked through.
"""

import json
import logging
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from crashdesk.errors import CrashdeskError
from crashdesk.protocol.event import EventView
from crashdesk.server import administration
from crashdesk.server.installation import Installation
from crashdesk.server.intake import sqlite


def look(server: Installation) -> dict[str, Any]:
    """Return the ids of everything that is stored, and every fault that shows."""
    from crashdesk.server.events.models import Attachment, Event, FailedReport
    from crashdesk.server.events.policies import DEFAULT
    from crashdesk.server.feedback.models import Feedback
    from crashdesk.server.issues.models import Issue
    from crashdesk.server.sessions.models import SessionRun

    faults: list[str] = []
    events = list(Event.objects.order_by("project_id", "id"))  # in the order in which they were stored
    sampled = set(Issue.objects.filter(event_count__gt=DEFAULT.bodies_per_issue).values_list("id", flat=True))
    files = list(Attachment.objects.all())
    failed = list(FailedReport.objects.values_list("reason", flat=True))
    faults += [f"a report could not be processed: {reason}" for reason in failed]
    faults += [*_damaged_files(server), *_counts(len(events)), *_account(server)]
    return {
        "events": [_checked_event(event, faults, may_be_gone=event.issue_id in sampled) for event in events],
        "feedback": [_checked_words(row, faults) for row in Feedback.objects.all()],
        "sessions": [sid.hex for sid in SessionRun.objects.values_list("sid", flat=True)],
        "files": [(row.event_id.hex, row.name, _content(row, faults)) for row in files],
        "faults": faults,
    }


def recover(server: Installation) -> int:
    """Start on a data directory as collector and processor do, and process what waits; return the number of rows."""
    from crashdesk.server.events.intakes import open_intake
    from crashdesk.server.processor.recovery import Notes
    from crashdesk.server.processor.worker import Worker
    from crashdesk.server.receiving import receiving

    rows = 0
    with receiving(server, lambda: None):
        intake = open_intake(server)
        with closing(intake):
            worker = Worker(intake, Notes.of(server))
            while done := worker.step():
                rows += done
    return rows


def _checked_event(event: Any, faults: list[str], *, may_be_gone: bool) -> str:
    """Return the event's id; its body must be there unless its issue has more than are kept."""
    from crashdesk.server.events.bodies import read_json

    event_id = str(event.event_id.hex)
    if event.body == "" and may_be_gone:
        return event_id
    try:
        if dict(EventView(read_json(event.body)).tags).get("marker") != event_id:
            faults.append(f"event {event_id} has the body of another")
    except Exception as error:  # noqa: BLE001 - whatever it is, the body is not there
        faults.append(f"event {event_id} has no body: {error!r}")
    return event_id


def _checked_words(row: Any, faults: list[str]) -> str:
    if not row.message.startswith("it broke "):
        faults.append(f"feedback {row.feedback_id.hex} says {row.message!r}")
    return str(row.feedback_id.hex)


def _content(row: Any, faults: list[str]) -> str:
    from crashdesk.server.events.bodies import read_bytes

    try:
        return sha256(read_bytes(row.blob)).hexdigest()
    except Exception as error:  # noqa: BLE001 - as above
        faults.append(f"file {row.name} of {row.event_id.hex} cannot be read: {error!r}")
        return str(row.sha256)


def _counts(events: int) -> Iterator[str]:
    """Compare counters with the rows that they count."""
    from django.db.models import Sum

    from crashdesk.server.feedback.models import Feedback
    from crashdesk.server.issues.models import Issue, IssueHour, ProjectHour
    from crashdesk.server.sessions.models import SessionHour, SessionRun

    words = Feedback.objects.exclude(issue_id=None).count()
    told = {
        "events of issues": (Issue.objects.aggregate(n=Sum("event_count"))["n"], events),
        "hours of issues": (IssueHour.objects.aggregate(n=Sum("count"))["n"], events),
        "hours of projects": (ProjectHour.objects.aggregate(n=Sum("count"))["n"], events),
        "feedback of issues": (Issue.objects.aggregate(n=Sum("feedback_count"))["n"], words),
        "hours of sessions": (
            SessionHour.objects.filter(state="total").aggregate(n=Sum("quantity"))["n"],
            SessionRun.objects.count(),
        ),
    }
    yield from (
        f"{name} say {counted}, rows {rows}" for name, (counted, rows) in told.items() if (counted or 0) != rows
    )


def _account(server: Installation) -> Iterator[str]:
    """Say where the account is not balanced."""
    from crashdesk.server.events.intakes import open_intake
    from crashdesk.server.outcomes.queries import account
    from crashdesk.server.projects.models import Project

    projects = list(Project.objects.values_list("id", flat=True))
    with closing(open_intake(server)) as intake:
        balances = account(projects, waiting=intake.waiting_items(projects))
    yield from (f"the account is not balanced: {balance}" for balance in balances if balance.difference)


def _damaged_files(server: Installation) -> Iterator[str]:
    files = [server.intake] if server.database else [server.main, server.intake]
    for path in files:
        with closing(sqlite.open_for_reading(path)) as connection:
            found = Counter(row[0] for row in connection.execute("PRAGMA integrity_check"))
            if set(found) != {"ok"}:
                yield f"{path.name} is damaged: {sorted(found)[:3]}"


def _on(data: Path) -> Installation:
    """Point Django, which is started on another directory, at this one."""
    from django.conf import settings
    from django.db import connection

    connection.close()
    server = Installation.read(data)
    settings.CRASHDESK_DATA = data
    connection.settings_dict["NAME"] = str(server.main)
    return server


def _recovered(data: Path) -> dict[str, Any]:
    try:
        server = _on(data)
        rows = recover(server)
        return look(server) | {"rows": rows, "strays": _strays(data)}
    except Exception as error:  # noqa: BLE001 - a state on which the server does not start is what is looked for
        return {"events": [], "feedback": [], "sessions": [], "files": [], "faults": [f"it does not start: {error!r}"]}


def _strays(data: Path) -> int:
    return sum(1 for _ in (data / "incoming").glob("*")) if (data / "incoming").is_dir() else 0


def main(arguments: list[str]) -> None:
    logging.disable(logging.CRITICAL)
    if arguments[0] != "--recover":
        print(json.dumps(look(administration.start_on(Path(arguments[0])))))
        return
    started = False
    for line in sys.stdin:
        data = Path(line.strip())
        if not started:
            with suppress(CrashdeskError):
                administration.start_on(data)
                started = True
        print(json.dumps(_recovered(data)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])

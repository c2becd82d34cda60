"""What came and what became of it: over time, and as an account of each project."""

import threading
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from crashdesk import clock
from crashdesk.errors import CrashdeskError, StorageError
from crashdesk.protocol.outcomes import Outcome
from crashdesk.server.api import figure_shapes, periods
from crashdesk.server.api.answers import Refusal, answer, time
from crashdesk.server.api.authentication import Caller
from crashdesk.server.api.figure_shapes import Group, InstallationStats, SeriesShape
from crashdesk.server.events.intakes import open_intake
from crashdesk.server.installation import Installation
from crashdesk.server.intake.interface import Intake
from crashdesk.server.issues import queries as issues
from crashdesk.server.outcomes import queries
from crashdesk.server.outcomes.queries import HourSum
from crashdesk.server.outcomes.services import RECEIVED

SUM = "sum(quantity)"
GROUPS = ("outcome", "category", "reason", "project")
MOST_STEPS = 1000
_STATS: dict[str, tuple[str, ...]] = {
    "received": (RECEIVED,),
    "accepted": (Outcome.ACCEPTED,),
    "rejected": (Outcome.RATE_LIMITED, Outcome.INVALID),
    "blacklisted": (Outcome.FILTERED,),
}
_mine = threading.local()


def installation(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Give what this installation received and stored, over all projects; nothing is counted for it."""
    del request, caller
    before = queries.totals()
    for _ in range(3):  # a batch that is stored meanwhile must not be counted twice, as waiting and as received
        waiting = _intake_waiting()
        after = queries.totals()
        if after == before:
            break
        before = after
    shown: InstallationStats = {
        "events_received": before.events_received + waiting,
        "events_stored": before.events_stored,
        "intake_waiting": waiting,
        "issues": issues.issue_count(),
    }
    return answer(shown)


def account(request: HttpRequest, caller: Caller, org: str, name: str) -> HttpResponse:
    """Give the account of a project: received = stored + dropped + waiting, by category."""
    project = caller.project(org, name)
    since = periods.since(request, clock.now())
    balances = queries.account([project.id], since, _intake_items(project.id))
    return answer(figure_shapes.account(balances))


def of_project(request: HttpRequest, caller: Caller, org: str, name: str) -> HttpResponse:
    """Give how many items came, were accepted or not, as pairs of second and number."""
    project = caller.project(org, name)
    stat = request.GET.get("stat", "received")
    if stat not in _STATS:
        raise Refusal(400, f"stat must be one of {', '.join(_STATS)}.")
    since, until, step = _steps(request)
    starts = _starts(since, until, step)
    counts: Counter[int] = Counter()
    for row in queries.by_hour([project.id], starts[0], until):
        if row.outcome in _STATS[stat]:
            counts[(row.hour - starts[0]) // step] += row.quantity
    return answer([[int(start.timestamp()), counts[place]] for place, start in enumerate(starts)])


def of_organisation(request: HttpRequest, caller: Caller, org: str) -> HttpResponse:
    """Give how many items came and what became of them over time, by outcome, category, reason or project."""
    groups = [name for name in dict.fromkeys(request.GET.getlist("groupBy")) if name]
    if any(name not in GROUPS for name in groups) or request.GET.get("field", SUM) != SUM:
        raise Refusal(400, f"field must be {SUM}, groupBy one of {', '.join(GROUPS)}.")
    since, until, step = _steps(request)
    starts = _starts(since, until, step)
    project_ids = [row.id for row in caller.projects_below(org, request.GET.getlist("project"))]
    categories = set(request.GET.getlist("category"))
    rows = [
        row for row in queries.by_hour(project_ids, starts[0], until) if not categories or row.category in categories
    ]
    if "outcome" not in groups:
        rows = [row for row in rows if row.outcome == RECEIVED]  # else everything would be counted twice
    shown: SeriesShape = {
        "start": time(starts[0]),
        "end": time(until),
        "intervals": [time(start) for start in starts],
        "groups": _grouped(rows, groups, starts, step),
        "query": "",
    }
    return answer(shown)


def _grouped(
    rows: Sequence[HourSum], groups: Sequence[str], starts: Sequence[datetime], step: timedelta
) -> list[Group]:
    sums: dict[tuple[Any, ...], list[float | None]] = defaultdict(lambda: [0] * len(starts))
    for row in rows:
        key = tuple(_part(row, name) for name in groups)
        place = (row.hour - starts[0]) // step
        sums[key][place] = (sums[key][place] or 0) + row.quantity
    if not sums and not groups:
        sums[()] = [0] * len(starts)
    return [
        {
            "by": dict(zip(groups, key, strict=True)),
            "totals": {SUM: sum(count or 0 for count in series)},
            "series": {SUM: series},
        }
        for key, series in sorted(sums.items(), key=lambda entry: tuple(map(str, entry[0])))
    ]


def _part(row: HourSum, name: str) -> Any:
    return row.project_id if name == "project" else getattr(row, name)


def _steps(request: HttpRequest) -> tuple[datetime, datetime, timedelta]:
    since, until = periods.stretch(request, clock.now())
    step = max(periods.length(request.GET.get("interval") or request.GET.get("resolution") or "1h"), timedelta(hours=1))
    if (until - since) / step > MOST_STEPS:
        raise Refusal(400, f"A series has at most {MOST_STEPS} steps: name a longer interval.")
    return since, until, step


def _starts(since: datetime, until: datetime, step: timedelta) -> list[datetime]:
    """Return the start of each step, on whole multiples of it."""
    seconds = int(step.total_seconds())
    first = since - timedelta(seconds=since.timestamp() % seconds)
    return [first + place * step for place in range(-(-(until - first) // step))]


def _intake_waiting() -> int:
    try:
        return _intake().waiting()
    except CrashdeskError:  # nobody can read it now: the other figures are told all the same
        return 0


def _intake_items(project_id: int) -> Counter[str]:
    try:
        return _intake().waiting_items([project_id])
    except CrashdeskError:
        return Counter()


def _intake() -> Intake:
    """Return the intake that this thread has open."""
    data = settings.CRASHDESK_DATA
    if data is None:
        raise StorageError("No data directory is set: name it with --data or CRASHDESK_DATA.")
    found: tuple[Any, Intake] | None = getattr(_mine, "intake", None)
    if found is None or found[0] != data:
        _mine.intake = found = (data, open_intake(Installation.read(data)))
    return found[1]

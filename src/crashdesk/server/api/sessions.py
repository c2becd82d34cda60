"""Runs of a product over time: how many, by how many users, how many of them without a crash."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse

from crashdesk import clock
from crashdesk.server.api import periods
from crashdesk.server.api.answers import Refusal, answer, time
from crashdesk.server.api.authentication import Caller
from crashdesk.server.api.figure_shapes import Group, SeriesShape
from crashdesk.server.issues.search import parse
from crashdesk.server.sessions import queries
from crashdesk.server.sessions.queries import Range, Runs, Slice, Users

STATUS = "session.status"
MOST_INTERVALS = 1000
Figure = Callable[[Runs, Users], float | None]


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


FIGURES: dict[str, Figure] = {
    "sum(session)": lambda runs, _: runs.total,
    "count_unique(user)": lambda _, users: users.total,
    "crash_rate(session)": lambda runs, _: _share(runs.crashed, runs.total),
    "crash_rate(user)": lambda _, users: _share(users.crashed, users.total),
    "crash_free_rate(session)": lambda runs, _: runs.crash_free,
    "crash_free_rate(user)": lambda _, users: users.crash_free,
}
STATUSES: dict[str, Callable[[Any], int]] = {
    "healthy": lambda of: max(0, of.total - of.errored - of.crashed - of.abnormal),
    "errored": lambda of: of.errored,
    "crashed": lambda of: of.crashed,
    "abnormal": lambda of: of.abnormal,
}
_OF_USERS = frozenset(name for name in FIGURES if "(user)" in name)


def series(request: HttpRequest, caller: Caller, org: str) -> HttpResponse:
    """Give runs over time by release, environment, project or status."""
    fields = _chosen(request, "field", FIGURES)
    if not fields:
        raise Refusal(400, f"field: name at least one of {', '.join(FIGURES)}.")
    groups = _chosen(request, "groupBy", {**queries.GROUPS, STATUS: None})
    asked = _range(request, caller, org)
    slices = queries.series(asked, [name for name in groups if name != STATUS])
    if not slices and not groups:
        slices = [_empty(asked)]
    intervals = asked.starts()
    shown: SeriesShape = {
        "start": time(intervals[0]),
        "end": time(asked.until),
        "intervals": [time(start) for start in intervals],
        "groups": [row for part in slices for row in _groups(part, fields, groups, len(intervals))],
        "query": request.GET.get("query", ""),
    }
    return answer(shown)


def _chosen(request: HttpRequest, name: str, known: Any) -> list[str]:
    found = list(dict.fromkeys(entry for entry in request.GET.getlist(name) if entry))
    unknown = [entry for entry in found if entry not in known]
    if unknown:
        raise Refusal(400, f"{name}: takes {', '.join(known)}.")
    return found


def _range(request: HttpRequest, caller: Caller, org: str) -> Range:
    since, until = periods.stretch(request, clock.now())
    interval = periods.length(request.GET.get("interval") or "1h")
    interval = max(interval, timedelta(hours=1))
    if (until - since) / interval > MOST_INTERVALS:
        raise Refusal(400, f"A series has at most {MOST_INTERVALS} steps: name a longer interval.")
    releases, environments = _named(request.GET.get("query", ""))
    return Range(
        [row.id for row in caller.projects_below(org, request.GET.getlist("project"))],
        since,
        until,
        int(interval.total_seconds()),
        releases,
        [*environments, *request.GET.getlist("environment")],
    )


def _named(query: str) -> tuple[list[str], list[str]]:
    """Return the releases and environments that a query names; refuse one that asks for anything else."""
    found: dict[str, list[str]] = {"release": [], "environment": []}
    for term in parse(query):
        if term.key not in found or term.is_negated or term.is_prefix:
            raise Refusal(400, 'query: takes release:"..." and environment:"...", whole and not negated.')
        found[term.key].append(term.value)
    return found["release"], found["environment"]


def _empty(asked: Range) -> Slice:
    steps = len(asked.starts())
    has_users = asked.step >= timedelta(days=1)
    return Slice({}, Runs(), Users(), [Runs()] * steps, [Users()] * steps if has_users else [])


def _groups(part: Slice, fields: Sequence[str], groups: Sequence[str], steps: int) -> list[Group]:
    """Return the row of a slice, or one for each status."""
    if STATUS not in groups:
        return [_group(part, fields, {name: _text(part.group[name], name) for name in groups}, FIGURES, steps)]
    rows = []
    for status, count in STATUSES.items():
        figures = {name: _of_status(name, count) for name in fields}
        by = {name: status if name == STATUS else _text(part.group[name], name) for name in groups}
        rows.append(_group(part, fields, by, figures, steps))
    return rows


def _of_status(name: str, count: Callable[[Any], int]) -> Figure:
    """Return the figure of one status: counts are split, a rate has no meaning there."""
    if name == "sum(session)":
        return lambda runs, _: count(runs)
    if name == "count_unique(user)":
        return lambda _, users: count(users)
    return lambda _, __: None


def _group(part: Slice, fields: Sequence[str], by: dict[str, Any], figures: dict[str, Figure], steps: int) -> Group:
    no_users: list[Users | None] = [None] * steps  # within a day nobody knows who was who
    users = [*part.user_series] or no_users
    return {
        "by": by,
        "totals": {name: figures[name](part.runs, part.users) for name in fields},
        "series": {
            name: [
                None if name in _OF_USERS and who is None else figures[name](runs, who or Users())
                for runs, who in zip(part.run_series, users, strict=True)
            ]
            for name in fields
        },
    }


def _text(value: Any, name: str) -> Any:
    """Return the value of a group; a project goes by its number, as Sentry writes it here."""
    return int(value) if name == "project" else value

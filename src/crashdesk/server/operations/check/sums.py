"""The sums: whether all that came is told, whether counters agree with each other, whether processing goes on."""

from collections.abc import Iterator

from django.db.models import Count, F, Sum

from crashdesk.server.events.models import Event, FailedReport
from crashdesk.server.issues.models import Issue, IssueHour
from crashdesk.server.operations import stats
from crashdesk.server.operations.check.finding import ERROR, NOTE, OK, WARNING, Finding, Surroundings
from crashdesk.server.outcomes import queries
from crashdesk.server.projects.queries import all_projects

_LATE_SECONDS, _STUCK_SECONDS = 60, 600
_TRIES = 3
_SHOWN = 3


def processing(name: str, around: Surroundings) -> Iterator[Finding]:
    """Say for how long the oldest report waits, and how many could not be processed."""
    waits = stats.oldest_waiting_seconds(around.server)
    advice = "Look into the log of the processor; when it does not run, start the server."
    if waits is None:
        yield Finding(OK, name, "nothing waits")
    elif waits < _LATE_SECONDS:
        yield Finding(OK, name, f"the oldest report waits for {waits:.0f} s")
    else:
        severity = ERROR if waits > _STUCK_SECONDS else WARNING
        yield Finding(severity, name, f"The oldest report waits for {waits:.0f} s.", advice)
    failed = FailedReport.objects.count()
    if failed:
        yield Finding(
            NOTE, name, f"{failed} reports could not be processed and are kept.", "crashdesk server reprocess"
        )


def account(name: str, around: Surroundings) -> Iterator[Finding]:
    """Say where received is not stored + dropped + waiting; what is stored while we look gets more than one look."""
    for _ in range(_TRIES):
        differing = [
            (project.slug, balance)
            for project in all_projects()
            for balance in queries.account([project.pk], waiting=stats.waiting_items(around.server, project.pk))
            if balance.difference
        ]
        if not differing:
            yield Finding(OK, name, "received = stored + dropped + waiting in every project and category")
            return
    for slug, balance in differing:
        what = f"{slug}, {balance.category}: {balance.difference} of {balance.received} received are told nowhere."
        yield Finding(ERROR, name, what, "Report this fault, with the output of crashdesk server stats --json.")


def counters(name: str, around: Surroundings) -> Iterator[Finding]:
    """Say which issues count other than the hours of their events tell, or less than the events that are there."""
    del around
    found = list(_wrong_issues())
    if not found:
        yield Finding(OK, name, "issues count what their hours tell")
        return
    some = "; ".join(found[:_SHOWN])
    yield Finding(
        ERROR, name, f"{len(found)} issues count wrong: {some}.", "Report this fault; events are not touched."
    )


def _wrong_issues() -> Iterator[str]:
    for project in all_projects():
        hours = IssueHour.objects.filter(project_id=project.pk).order_by()
        told = dict(hours.values_list("issue_id").annotate(total=Sum("count")))
        rows = Event.objects.filter(project_id=project.pk).order_by()
        there = dict(rows.values_list("issue_id").annotate(total=Count("id")))
        issues = Issue.objects.filter(project_id=project.pk).order_by()
        for issue_id, number, count in issues.values_list("id", F("number"), "event_count"):
            if told.get(issue_id, 0) != count or there.get(issue_id, 0) > count:
                yield (
                    f"{project.slug}-{number} says {count}, its hours {told.get(issue_id, 0)},"
                    f" its events {there.get(issue_id, 0)}"
                )

"""The page of one project: whether its reporting works, what of it is kept and how much it may send."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_safe

from crashdesk import clock
from crashdesk.protocol.items import OPTIONAL
from crashdesk.server.events import policies
from crashdesk.server.projects import queries
from crashdesk.server.triage import access, ages, health, words

_LIMITS: dict[str, str] = {
    "events_days": gettext_noop("Events"),
    "bodies_per_issue": gettext_noop("Details, each issue"),
    "most_bytes": gettext_noop("Details in all"),
    "attachments_days": gettext_noop("Attached files"),
    "feedback_days": gettext_noop("Users' words"),
    "failed_days": gettext_noop("Failed reports"),
    "kept_items_days": gettext_noop("Items only kept"),
}


@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one project that this person may see."""
    project, now = access.project(request, slug), clock.now()
    releases, more_releases = health.releases(project.id, now)
    context = {
        "project": project,
        "account": health.account(project.id, now),
        "releases": releases,
        "more_releases": more_releases,
        "kept": kept(project.id),
        "sent": sent(project.id),
    }
    return render(request, "triage/project.html", context)


def kept(project_id: int) -> list[tuple[str, str]]:
    """Return how long and how much of each thing is kept, in words; counts are kept for ever."""
    policy = policies.policy(project_id)
    return [(_(_LIMITS[limit.name]), _limit(limit, getattr(policy, limit.name))) for limit in policies.LIMITS]


def sent(project_id: int) -> list[tuple[str, str]]:
    """Return what of its choice the project keeps, and how much it may send."""
    row = queries.project(project_id)
    spikes = _("a sudden flood is held back") if row.has_spike_protection else _("a sudden flood is let in")
    return [
        (_("Kept by choice"), ", ".join(name for name in OPTIONAL if name in row.kept_items) or _("nothing")),
        (_("Counted only"), ", ".join(name for name in OPTIONAL if name not in row.kept_items) or _("nothing")),
        (_("Quotas"), "\n".join(_quota(quota) for quota in queries.quotas_of(row)) or _("none")),
        (_("Spikes"), spikes),
    ]


def _limit(limit: policies.Limit, number: int) -> str:
    if not number:
        return _("no limit")
    forms = {
        "days": _("for %(number)s days"),
        "number": _("of at most %(number)s events"),
        "bytes": _("at most %(number)s bytes"),
    }
    return forms[limit.unit] % {"number": words.number(number)}


def _quota(quota: Any) -> str:
    what = _(words.CATEGORIES[quota.category]) if quota.category in words.CATEGORIES else quota.category
    facts = {"what": what, "number": words.number(quota.quantity), "time": ages.span(quota.window_seconds)}
    return _("%(what)s: at most %(number)s in %(time)s") % facts

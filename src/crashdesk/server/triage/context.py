"""What every page needs: the way to the other pages, and what waits there."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crashdesk.server.events import queries as events
from crashdesk.server.feedback import queries as feedback
from crashdesk.server.triage import access

MOST_COUNTED = 100


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the navigation."""

    name: Any
    address: str
    is_current: bool
    count: int = 0
    count_means: Any = ""


def every_page(request: HttpRequest) -> dict[str, Any]:
    """Return the navigation for whoever is signed in."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or getattr(request, "htmx", False):
        return {"navigation": []}
    return {"navigation": _navigation(request)}


def _navigation(request: HttpRequest) -> list[Entry]:
    visible = list(access.projects(request))
    failed = len(events.failed_reports(visible, limit=MOST_COUNTED))
    entries = [
        ("issues", _("Issues"), 0, ""),
        ("feedback", _("Feedback"), feedback.unread_count(visible), _("unread")),
        ("failed", _("Could not be processed"), failed, _("reports that could not be processed")),
        ("projects", _("Projects"), 0, ""),
        ("help_start", _("Help"), 0, ""),
    ]
    return [
        _entry(request, *entry)
        for entry in entries
        if entry[0] != "failed" or failed  # shown only when there are any
    ]


def _entry(request: HttpRequest, page: str, name: Any, count: int, means: Any) -> Entry:
    address = reverse(page)
    return Entry(name, address, request.path.startswith(address), count, means)

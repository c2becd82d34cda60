"""Addresses within the pages, and which of those that a form names lead back to us."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from crashdesk.server.events.queries import Attachment, Event
from crashdesk.server.issues.names import short_id
from crashdesk.server.issues.queries import Issue
from crashdesk.server.triage.access import Project


def name_of(project: Project, issue: Issue) -> str:
    return short_id(project.slug, issue.number)


def of_issue(project: Project, issue: Issue, page: str = "issue") -> str:
    """Return the address of an issue's page, or of another `page` below it."""
    return reverse(page, args=[name_of(project, issue)])


def of_event(project: Project, issue: Issue, event: Event, page: str = "event") -> str:
    return reverse(page, args=[name_of(project, issue), event.event_id.hex])


def of_attachment(project: Project, file: Attachment) -> str:
    return reverse("attachment", args=[project.slug, file.id])


def back(request: HttpRequest, otherwise: str) -> str:
    """Return the local address that a form names as `next`; anything else leads to `otherwise`."""
    asked = request.POST.get("next", "")
    is_ours = asked.startswith("/") and url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
    return asked if is_ours else otherwise

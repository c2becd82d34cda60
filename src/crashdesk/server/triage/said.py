"""Users' words as pages show them, with what they are about and the files that came along."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from crashdesk.protocol.feedback import SEVERITIES
from crashdesk.server.events import queries as events
from crashdesk.server.feedback.queries import Feedback
from crashdesk.server.issues import queries as issues
from crashdesk.server.triage import access, addresses, titles


def shown(request: HttpRequest, found: Iterable[Feedback]) -> list[dict[str, Any]]:
    """Return each piece of feedback with author, issue and files."""
    return [_shown(request, row, access.projects(request)[row.project_id]) for row in found]


def _shown(request: HttpRequest, row: Feedback, project: access.Project) -> dict[str, Any]:
    issue = issues.issue([project.id], row.issue_id) if row.issue_id else None
    event_hex = row.event_id.hex if row.event_id else ""
    return {
        "kind": row.kind,
        "message": row.message,
        "author": row.name or _("a user"),
        "severity": SEVERITIES.get(row.severity, ""),
        "email": row.email,
        "release": row.release,
        "received_at": row.received_at,
        "is_read": row.is_read,
        "project": project,
        "may_change": access.may(request, "event:write", project.id),
        "change_address": reverse("feedback_mark", args=[project.slug, row.id]),
        "event": event_hex,
        "issue_title": titles.title(issue) if issue else "",
        "issue_address": addresses.of_issue(project, issue) if issue else "",
        "event_address": reverse("event", args=[addresses.name_of(project, issue), event_hex]) if issue else "",
        "files": files(project, row.feedback_id),
    }


def files(project: access.Project, event_id: UUID) -> list[dict[str, Any]]:
    """Return the files that came with an event or feedback."""
    return [
        {
            "name": row.name,
            "size_bytes": row.size_bytes,
            "content_type": row.content_type,
            "address": addresses.of_attachment(project, row),
        }
        for row in events.attachments_of(project.id, event_id)
    ]

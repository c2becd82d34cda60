"""Issues and feedback as Sentry's REST API writes them: ids, counts and levels are text."""

from typing import Any

from django.conf import settings

from crashdesk.server.api.answers import time
from crashdesk.server.feedback.queries import Feedback
from crashdesk.server.issues.names import short_id
from crashdesk.server.issues.queries import Issue


def issue(row: Issue, project: Any) -> dict[str, Any]:
    """Return one issue; `project` is the one through which it was found."""
    name = short_id(project.slug, row.number)
    return {
        "id": str(row.id),
        "shortId": name,
        "title": row.title,
        "culprit": row.culprit,
        "permalink": f"{settings.CRASHDESK_URL.rstrip('/')}/issues/{name}/",
        "level": row.level,
        "status": row.state,
        "substatus": "regressed" if row.regressed_at else None,
        "count": str(row.event_count),
        "userCount": row.user_count,
        "userReportCount": row.feedback_count,
        "firstSeen": time(row.first_seen_at),
        "lastSeen": time(row.last_seen_at),
        "type": "error" if row.type else "default",
        "metadata": {"type": row.type, "value": row.value} if row.type else {"title": row.value},
        "project": {"id": str(project.id), "slug": project.slug, "name": project.name},
        "assignedTo": _assignee(row),
    }


def _assignee(row: Issue) -> dict[str, str] | None:
    person = row.assignee
    if person is None:
        return None
    return {"type": "user", "id": str(person.pk), "name": person.name or person.email, "email": person.email}


def feedback(row: Feedback) -> dict[str, Any]:
    """Return a user's words, whichever way they came."""
    return {
        "id": row.feedback_id.hex,
        "eventID": row.event_id.hex if row.event_id else None,
        "name": row.name,
        "email": row.email,
        "comments": row.message,
        "dateCreated": time(row.received_at),
        "kind": row.kind,
        "url": row.url or None,
        "source": row.source or None,
        "issue": {"id": str(row.issue_id)} if row.issue_id else None,
    }

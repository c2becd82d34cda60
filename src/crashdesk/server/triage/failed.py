"""The page of reports that were accepted and could not be processed."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from crashdesk.server.events import queries as events
from crashdesk.server.triage import access, paging


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """List failed reports of the projects that this person may see, newest first."""
    visible = access.projects(request)
    found = events.failed_reports(visible.keys(), before=paging.before(request), limit=paging.SIZE + 1)
    rows = [
        {
            "received_at": row.received_at,
            "project": visible[row.project_id],
            "reason": row.reason,
            "envelope": row.envelope_id.hex if row.envelope_id else "",
            "address": reverse("failed_raw", args=[visible[row.project_id].slug, row.id]),
        }
        for row in found[: paging.SIZE]
    ]
    return render(request, "triage/failed.html", {"rows": rows, "next_cursor": paging.next_cursor(found)})

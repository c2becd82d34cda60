"""The page of projects: what each is, and the address to which its product reports."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from crashdesk.server.accounts import queries as accounts
from crashdesk.server.projects import queries
from crashdesk.server.triage import access


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """List the projects that this person may see, with their keys."""
    shown = [_shown(request, project) for project in access.projects(request).values()]
    return render(request, "triage/projects.html", {"projects": shown})


def _shown(request: HttpRequest, project: access.Project) -> dict[str, Any]:
    row = queries.project_with_slug(project.slug)
    keys = queries.keys_of(row) if row else []
    return {
        "id": project.id,
        "name": project.name,
        "slug": project.slug,
        "role": accounts.role_in(request.user, project.id) if request.user.is_authenticated else "",
        "issues_address": f"{reverse('issues')}?{urlencode({'project': project.slug})}",
        "keys": [
            {
                "id": key.id,
                "label": key.label,
                "is_active": key.is_active,
                "reports_per_minute": key.reports_per_minute,
                "origins": ", ".join(key.allowed_origins),
                "dsn": queries.dsn_of(key, settings.CRASHDESK_URL),
            }
            for key in keys
        ],
    }

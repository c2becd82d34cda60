"""Who am I, the organisation, its projects and keys."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from crashdesk.server.api.answers import answer, not_there, time
from crashdesk.server.api.authentication import Caller
from crashdesk.server.projects import queries


def info(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Answer what this token is."""
    del request
    user = {"id": str(caller.user.pk), "email": caller.user.email, "name": caller.user.name}
    return answer({"version": "0", "user": user, "auth": {"scopes": sorted(caller.scopes)}})


def organisations(request: HttpRequest, caller: Caller) -> HttpResponse:
    del request, caller
    found = queries.organisation()
    return answer([_organisation(found)] if found else [])


def organisation(request: HttpRequest, caller: Caller, org: str) -> HttpResponse:
    del request, caller
    return answer(_organisation(_named(org)))


def projects(request: HttpRequest, caller: Caller, org: str | None = None) -> HttpResponse:
    """List the projects that the token's person may see."""
    del request
    if org is not None:
        _named(org)
    return answer([_project(row) for row in caller.projects.values()])


def project(request: HttpRequest, caller: Caller, org: str, name: str) -> HttpResponse:
    del request
    return answer(_project(caller.project(org, name)))


def keys(request: HttpRequest, caller: Caller, org: str, name: str) -> HttpResponse:
    """List the DSNs of a project."""
    del request
    return answer([_key(row) for row in queries.keys_of(caller.project(org, name))])


def nothing(request: HttpRequest, caller: Caller, org: str) -> HttpResponse:
    """Answer with an empty list: repositories and monitors are kinds of things that this server does not have."""
    del request, caller
    _named(org)
    return answer([])


def _named(org: str) -> Any:
    found = queries.organisation()
    if found is None or org not in {found.slug, str(found.pk)}:
        raise not_there()
    return found


def _organisation(row: Any) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "slug": row.slug,
        "name": row.name,
        "dateCreated": time(row.created_at),
        "status": {"id": "active", "name": "active"},
        "isEarlyAdopter": False,
        "require2FA": False,
        "requireEmailVerification": False,
        "features": [],
    }


def _project(row: Any) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "slug": row.slug,
        "name": row.name,
        "team": None,
        "teams": [],
        "status": "active",
        "dateCreated": time(row.created_at),
        "organization": {"id": str(row.organisation.pk), "slug": row.organisation.slug, "name": row.organisation.name},
    }


def _key(row: Any) -> dict[str, Any]:
    return {
        "id": row.public_key,
        "name": row.label,
        "label": row.label,
        "public": row.public_key,
        "projectId": row.project_id,
        "isActive": row.is_active,
        "dsn": {"public": queries.dsn_of(row, settings.CRASHDESK_URL)},
        "dateCreated": time(row.created_at),
    }

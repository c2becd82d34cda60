"""Who am I, and the organisation."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from crashdesk.server.api import project_shapes
from crashdesk.server.api.answers import answer, not_there
from crashdesk.server.api.authentication import Caller
from crashdesk.server.projects import queries


def info(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Say who the token stands for, and what it may do."""
    del request
    user: project_shapes.Person = {"id": str(caller.user.pk), "email": caller.user.email, "name": caller.user.name}
    shown: project_shapes.Info = {"version": "0", "user": user, "auth": {"scopes": sorted(caller.scopes)}}
    return answer(shown)


def organisations(request: HttpRequest, caller: Caller) -> HttpResponse:
    """List the organisation that runs this server."""
    del request, caller
    found = queries.organisation()
    return answer([project_shapes.organisation(found)] if found else [])


def organisation(request: HttpRequest, caller: Caller, org: str) -> HttpResponse:
    """Give the organisation."""
    del request, caller
    return answer(project_shapes.organisation(named(org)))


def nothing(request: HttpRequest, caller: Caller, org: str) -> HttpResponse:
    """List what this server does not have: repositories and monitors."""
    del request, caller
    named(org)
    return answer([])


def named(org: str) -> Any:
    """Return the organisation that has this slug or id."""
    found = queries.organisation()
    if found is None or org not in {found.slug, str(found.pk)}:
        raise not_there()
    return found

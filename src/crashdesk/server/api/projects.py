"""Projects and their keys."""

import re
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from crashdesk.server.api import bodies, project_shapes
from crashdesk.server.api.answers import answer, not_there, nothing
from crashdesk.server.api.authentication import Caller
from crashdesk.server.api.organisations import named
from crashdesk.server.api.project_shapes import KeyChanges, NewKey, NewProject, ProjectChanges
from crashdesk.server.events import policies
from crashdesk.server.projects import queries, services


def projects(request: HttpRequest, caller: Caller, org: str | None = None) -> HttpResponse:
    """List the projects that the token's person may see."""
    del request
    if org is not None:
        named(org)
    return answer([project_shapes.project(row) for row in caller.projects.values()])


def create(request: HttpRequest, caller: Caller, org: str) -> HttpResponse:
    """Make a project with its first key."""
    del caller
    organisation = named(org)
    asked = bodies.read(request, NewProject)
    slug = asked.get("slug") or re.sub(r"[^a-z0-9]+", "-", asked["name"].lower()).strip("-")[:50].strip("-")
    made = services.create_project(organisation, slug, asked["name"])
    return answer(project_shapes.whole(made), 201)


def project(request: HttpRequest, caller: Caller, org: str, name: str) -> HttpResponse:
    """Give one project with what was chosen for it."""
    del request
    return answer(project_shapes.whole(caller.project(org, name)))


def change(request: HttpRequest, caller: Caller, org: str, name: str) -> HttpResponse:
    """Change a project's name, quotas, protection from spikes, retention, and which optional items it keeps."""
    row = caller.project(org, name)
    asked = bodies.read(request, ProjectChanges)
    with transaction.atomic():  # all of it or nothing
        services.change_project(row, _changes(asked))
        if asked.get("retention"):
            policies.set_policy(row.pk, asked["retention"])
    return answer(project_shapes.whole(queries.project(row.pk)))


def keys(request: HttpRequest, caller: Caller, org: str, name: str) -> HttpResponse:
    """List the DSNs of a project."""
    del request
    return answer([project_shapes.key(row) for row in queries.keys_of(caller.project(org, name))])


def add_key(request: HttpRequest, caller: Caller, org: str, name: str) -> HttpResponse:
    """Give a project one more key; the earlier ones stay valid, so that keys are rotated with overlap."""
    row = caller.project(org, name)
    asked = bodies.read(request, NewKey)
    return answer(project_shapes.key(services.add_key(row, asked.get("name") or "Default")), 201)


def key(request: HttpRequest, caller: Caller, org: str, name: str, key_id: str) -> HttpResponse:
    """Give one key of a project."""
    del request
    return answer(project_shapes.key(_key(caller, org, name, key_id)))


def change_key(request: HttpRequest, caller: Caller, org: str, name: str, key_id: str) -> HttpResponse:
    """Rename a key, limit it, switch it off or on again."""
    row = _key(caller, org, name, key_id)
    changes = bodies.read(request, KeyChanges)
    if "name" in changes:
        services.rename_key(row, changes["name"])
    if "isActive" in changes:
        services.switch_key(row, is_active=changes["isActive"])
    if "rateLimit" in changes:
        limit = changes["rateLimit"]
        services.limit_key(row, limit["count"] if limit else None)
    return answer(project_shapes.key(_key(caller, org, name, key_id)))


def delete_key(request: HttpRequest, caller: Caller, org: str, name: str, key_id: str) -> HttpResponse:
    """Delete a key: what still reports with it is refused."""
    del request
    services.delete_key(_key(caller, org, name, key_id))
    return nothing()


def _key(caller: Caller, org: str, name: str, key_id: str) -> Any:
    found = next((row for row in queries.keys_of(caller.project(org, name)) if row.public_key == key_id), None)
    if found is None:
        raise not_there()
    return found


def _changes(asked: ProjectChanges) -> services.ProjectChanges:
    quotas = [(row["category"], row["windowSeconds"], row["quantity"]) for row in asked.get("quotas", [])]
    return services.ProjectChanges(
        name=asked.get("name"),
        kept_items=asked.get("keptItems"),
        has_spike_protection=asked.get("hasSpikeProtection"),
        quotas=quotas,
    )

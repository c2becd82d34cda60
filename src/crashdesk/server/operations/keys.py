"""The keys of a project: each the public half of a DSN; several may be valid at a time, so that they can be rotated."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from crashdesk.errors import UsageError
from crashdesk.server.administration import start_on
from crashdesk.server.operations import projects

if TYPE_CHECKING:
    from crashdesk.server.projects.models import Project, ProjectKey


def listed(data: Path, slug: str) -> list[dict[str, Any]]:
    """Return the keys of a project, oldest first."""
    server = start_on(data)
    from crashdesk.server.projects import queries  # after Django's start, as all below

    return [_row(key, server.url) for key in queries.keys_of(projects.found(slug))]


def add(data: Path, slug: str, label: str) -> dict[str, Any]:
    """Give a project one more key."""
    server = start_on(data)
    from crashdesk.server.projects import services

    return _row(services.add_key(projects.found(slug), label or "Default"), server.url)


def switch(data: Path, slug: str, name: str, *, is_active: bool) -> dict[str, Any]:
    """Let reports with a key in, or refuse them; the collector notices within a second."""
    server = start_on(data)
    from crashdesk.server.projects import services

    key = _found(projects.found(slug), name)
    services.switch_key(key, is_active=is_active)
    key.is_active = is_active
    return _row(key, server.url)


def limit(data: Path, slug: str, name: str, per_minute: int | None) -> dict[str, Any]:
    """Let a key send at most so many reports a minute; None gives it the usual limit back."""
    server = start_on(data)
    from crashdesk.server.projects import services

    if per_minute is not None and per_minute < 1:
        raise UsageError("A limit is 1 or more reports a minute: to refuse all, disable the key.")
    key = _found(projects.found(slug), name)
    services.limit_key(key, per_minute)
    return {**_row(key, server.url), "reports_per_minute": per_minute}


def rotate(data: Path, slug: str, label: str) -> dict[str, Any]:
    """Add a key beside those in use and say how to go on; the old ones stay valid until they are disabled."""
    server = start_on(data)
    from crashdesk.server.projects import queries, services

    project = projects.found(slug)
    old = [key for key in queries.keys_of(project) if key.is_active]
    new = services.add_key(project, label or "Rotated")
    numbers = [str(key.pk) for key in old]
    step = (
        f"Ship the new DSN; when the old keys bring no reports any more, run crashdesk server project key disable"
        f" {' and '.join(numbers)} --project {slug}."
        if old
        else "Ship the new DSN; there was no other key in use."
    )
    return {
        "new": queries.dsn_of(new, server.url),
        "new_id": new.pk,
        "old": [queries.dsn_of(key, server.url) for key in old],
        "old_ids": [key.pk for key in old],
        "next": step,
    }


def _row(key: "ProjectKey", url: str) -> dict[str, Any]:
    from crashdesk.server.projects import queries

    return {"id": key.pk, "label": key.label, "active": key.is_active, "dsn": queries.dsn_of(key, url)}


def _found(project: "Project", name: str) -> "ProjectKey":
    from crashdesk.server.projects import queries

    keys = queries.keys_of(project)
    key = next((key for key in keys if name in {str(key.pk), key.public_key}), None)
    if key is None:
        known = ", ".join(str(row.pk) for row in keys)
        raise UsageError(f"The project {project.slug} has no key {name}: its keys are {known}.")
    return key

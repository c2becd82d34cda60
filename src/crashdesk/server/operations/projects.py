"""Projects: a list of them, their quotas and their protection from spikes."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crashdesk.errors import UsageError
from crashdesk.server.administration import start_on

if TYPE_CHECKING:
    from crashdesk.server.projects.models import Project


@dataclass(frozen=True, slots=True)
class Quota:
    """At most `most` items of a category within `per_seconds`; None lifts the quota."""

    category: str
    per_seconds: int
    most: int | None


def listed(data: Path) -> list[dict[str, Any]]:
    """Return each project with its DSN, "" where no key lets reports in."""
    server = start_on(data)
    from crashdesk.server.projects import queries  # after Django's start, as all below

    rows = []
    for project in queries.all_projects():
        key = queries.first_active_key(project)
        dsn = queries.dsn_of(key, server.url) if key else ""
        rows.append({"id": project.pk, "project": project.slug, "dsn": dsn, "spikes": project.has_spike_protection})
    return rows


def set_quota(data: Path, slug: str, quota: Quota) -> dict[str, Any]:
    """Set or lift one quota of a project."""
    start_on(data)
    from crashdesk.server.projects import services

    if quota.most is not None and quota.most < 0:
        raise UsageError("A quota is a number of items: write --most 0 or more, or leave it out to lift the quota.")
    services.set_quota(found(slug), quota.category, quota.per_seconds, quota.most)
    return {"project": slug, "category": quota.category, "per_seconds": quota.per_seconds, "most": quota.most}


def protect(data: Path, slug: str, *, is_on: bool) -> dict[str, Any]:
    """Protect a project from spikes, or let it send."""
    start_on(data)
    from crashdesk.server.projects import services

    services.protect_from_spikes(found(slug), is_on=is_on)
    return {"project": slug, "spike_protection": is_on}


def keep(data: Path, slug: str, names: Sequence[str]) -> dict[str, Any]:
    """Keep items of these types for later, besides what always is; all others are counted and dropped."""
    start_on(data)
    from crashdesk.server.projects import services

    services.keep_items(found(slug), names)
    return {"project": slug, "kept_items": sorted(set(names))}


def retention(data: Path, slug: str, changes: Mapping[str, int]) -> dict[str, Any]:
    """Change how much of a project is kept how long, and return what holds then."""
    start_on(data)
    from crashdesk.server.events import policies

    project = found(slug)
    policy = policies.set_policy(project.pk, changes) if changes else policies.policy(project.pk)
    return {"project": slug, **asdict(policy)}


def found(slug: str) -> "Project":
    """Return the project with this short name; raises UsageError when there is none. Django must be ready."""
    from crashdesk.server.projects import queries

    project = queries.project_with_slug(slug)
    if project is None:
        known = [row.slug for row in queries.all_projects()]
        raise UsageError(f"There is no project {slug}: there {'is' if len(known) == 1 else 'are'} {', '.join(known)}.")
    return project

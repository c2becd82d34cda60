"""Every read of organisations, projects and keys."""

from collections.abc import Collection
from dataclasses import dataclass

from crashdesk.protocol.items import OPTIONAL_BY_DEFAULT
from crashdesk.server.grouping.fingerprint import NEWEST_VERSION
from crashdesk.server.projects.models import Organisation, Project, ProjectKey, ProjectQuota


@dataclass(frozen=True, slots=True)
class Policy:
    """By which rules reports of a project are processed: its version of grouping, and what it keeps of its choice."""

    grouping_version: int = NEWEST_VERSION
    kept_items: frozenset[str] = frozenset(OPTIONAL_BY_DEFAULT)


def organisation() -> Organisation | None:
    """Return the organisation that runs this server, or None before ``crashdesk server init``."""
    return Organisation.objects.order_by("pk").first()


def project_with_slug(slug: str) -> Project | None:
    return Project.objects.filter(slug=slug).select_related("organisation").first()


def project(project_id: int) -> Project:
    """Return a project that is there, with its organisation."""
    return Project.objects.select_related("organisation").get(pk=project_id)


def all_projects() -> list[Project]:
    """Return every project, oldest first."""
    return list(Project.objects.order_by("pk"))


def policies(project_ids: Collection[int]) -> dict[int, Policy]:
    """Return by which rules reports of each of these projects are processed."""
    rows = Project.objects.filter(pk__in=project_ids).values_list("pk", "grouping_version", "kept_items")
    return {pk: Policy(version, frozenset(names)) for pk, version, names in rows}


def keys_of(project: Project) -> list[ProjectKey]:
    """Return the keys of `project`, oldest first."""
    return list(ProjectKey.objects.filter(project=project).order_by("pk"))


def quotas_of(project: Project) -> list[ProjectQuota]:
    """Return how much `project` may send of what, by category and length of the window."""
    return list(ProjectQuota.objects.filter(project=project).order_by("category", "window_seconds"))


def first_active_key(project: Project) -> ProjectKey | None:
    return ProjectKey.objects.filter(project=project, is_active=True).order_by("pk").first()


def dsn_of(key: ProjectKey, server_url: str) -> str:
    """Return the DSN with which products report through `key` to the server that is reached at `server_url`."""
    scheme, _, rest = server_url.rstrip("/").partition("://")
    return f"{scheme}://{key.public_key}@{rest}/{key.project_id}"

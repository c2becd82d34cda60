"""Every write to organisations, projects and keys."""

import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F

from crashdesk import clock
from crashdesk.errors import UsageError
from crashdesk.protocol.items import CATEGORIES, OPTIONAL
from crashdesk.server.grouping.fingerprint import NEWEST_VERSION
from crashdesk.server.projects.models import Organisation, Project, ProjectKey, ProjectQuota, SharedFact

MIN_WINDOW_SECONDS, MAX_WINDOW_SECONDS = 60, 31 * 86_400

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,48}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class ProjectChanges:
    """What shall be changed of a project: None leaves it; a quota is category, window in seconds, quantity or None."""

    name: str | None = None
    kept_items: Collection[str] | None = None
    has_spike_protection: bool | None = None
    quotas: Collection[tuple[str, int, int | None]] = ()


def create_organisation(slug: str) -> Organisation:
    """Create the organisation that runs this server."""
    return Organisation.objects.create(slug=checked_slug(slug), name=_title(slug), created_at=clock.now())


@transaction.atomic
def create_project(organisation: Organisation, slug: str, name: str = "") -> Project:
    """Create a project with its first key; raises UsageError when its slug is taken or of the wrong form."""
    if Project.objects.filter(organisation=organisation, slug=checked_slug(slug)).exists():
        raise UsageError(f"There is a project {slug} already: choose another name.")
    project = Project.objects.create(
        organisation=organisation,
        slug=slug,
        name=name or _title(slug),
        grouping_version=NEWEST_VERSION,
        created_at=clock.now(),
    )
    add_key(project)
    return project


def add_key(project: Project, label: str = "Default") -> ProjectKey:
    """Give `project` one more key; the earlier ones stay valid until they are switched off."""
    return ProjectKey.objects.create(
        project=project, public_key=secrets.token_hex(16), label=label, created_at=clock.now()
    )


def switch_key(key: ProjectKey, *, is_active: bool) -> None:
    """Let reports with `key` in, or refuse them from now on."""
    ProjectKey.objects.filter(pk=key.pk).update(is_active=is_active)


def rename_key(key: ProjectKey, label: str) -> None:
    ProjectKey.objects.filter(pk=key.pk).update(label=label)


def delete_key(key: ProjectKey) -> None:
    """Delete `key` for good; what still reports with it is refused."""
    ProjectKey.objects.filter(pk=key.pk).delete()


def limit_key(key: ProjectKey, reports_per_minute: int | None) -> None:
    """Let `key` send at most so many reports a minute; None gives it the usual limit back."""
    ProjectKey.objects.filter(pk=key.pk).update(reports_per_minute=reports_per_minute)


def set_quota(project: Project, category: str, window_seconds: int, quantity: int | None) -> None:
    """Let `project` send at most `quantity` items of `category` within a window of the clock, e.g. each hour.

    None takes the quota away. Raises UsageError for a category that does not exist or a window that is no window.
    """
    if category not in CATEGORIES:
        raise UsageError(f"There is no category {category!r}: use one of {', '.join(CATEGORIES)}.")
    if not MIN_WINDOW_SECONDS <= window_seconds <= MAX_WINDOW_SECONDS:
        raise UsageError(f"A quota counts over {MIN_WINDOW_SECONDS} to {MAX_WINDOW_SECONDS} seconds.")
    of_window = ProjectQuota.objects.filter(project=project, category=category, window_seconds=window_seconds)
    if quantity is None:
        of_window.delete()
    elif not of_window.update(quantity=quantity):
        ProjectQuota.objects.create(
            project=project, category=category, window_seconds=window_seconds, quantity=quantity
        )


def protect_from_spikes(project: Project, *, is_on: bool) -> None:
    """Limit a project that suddenly sends far more than it usually does, or let it send."""
    Project.objects.filter(pk=project.pk).update(has_spike_protection=is_on)


def keep_items(project: Project, names: Collection[str]) -> None:
    """Keep items of these optional kinds from now on, and of no other; raises UsageError for one that is none."""
    for name in names:
        if name not in OPTIONAL:
            raise UsageError(f"{name} is no kind of item to choose: there are {', '.join(OPTIONAL)}.")
    Project.objects.filter(pk=project.pk).update(kept_items=sorted(set(names)))


@transaction.atomic
def change_project(project: Project, changes: ProjectChanges) -> None:
    """Change several things of a project at once, or none of them; raises UsageError for what cannot be."""
    if changes.name is not None:
        Project.objects.filter(pk=project.pk).update(name=changes.name)
    if changes.kept_items is not None:
        keep_items(project, changes.kept_items)
    if changes.has_spike_protection is not None:
        protect_from_spikes(project, is_on=changes.has_spike_protection)
    for category, window_seconds, quantity in changes.quotas:
        set_quota(project, category, window_seconds, quantity)


def take_issue_numbers(project_id: int, quantity: int) -> int:
    """Take the next numbers for issues of a project and return the first of them; belongs into a transaction.

    Raises UsageError when there is no such project (any more).
    """
    if not Project.objects.filter(pk=project_id).update(last_issue_number=F("last_issue_number") + quantity):
        raise UsageError(f"There is no project {project_id}: its reports cannot become issues.")
    return Project.objects.values_list("last_issue_number", flat=True).get(pk=project_id) - quantity + 1


def shared_fact(name: str, mine: str) -> str:
    """Return what the nodes on this database share under `name`; the first to ask makes it `mine`."""
    SharedFact.objects.bulk_create([SharedFact(name=name, text=mine)], ignore_conflicts=True)
    return SharedFact.objects.values_list("text", flat=True).get(name=name)


def checked_slug(slug: str) -> str:
    """Return `slug`; raises UsageError unless it can stand in an address."""
    if not _SLUG.fullmatch(slug):
        raise UsageError(f"{slug!r} cannot stand in an address: use 1 to 50 of a-z, 0-9, - and _, e.g. my-product.")
    return slug


def _title(slug: str) -> str:
    return re.sub(r"[-_]+", " ", slug).strip().title() or slug

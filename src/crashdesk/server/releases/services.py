"""Every write of releases, their commits, refs and deploys: to the rows of all the projects that are named."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from crashdesk.errors import UsageError
from crashdesk.server.events.ids import new_id
from crashdesk.server.events.models import SeenRelease
from crashdesk.server.releases.models import Deploy, Release, ReleaseCommit, ReleaseRef
from crashdesk.server.releases.queries import ARCHIVED, OPEN

VERSION_LIMIT = 200
MOST_COMMITS = 10_000
STATUSES = (OPEN, ARCHIVED)
_FIELDS = frozenset({"started_at", "released_at", "url", "ref", "status"})


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit as a script tells it."""

    commit_id: str
    repository: str = ""
    author_name: str = ""
    author_email: str = ""
    message: str = ""
    committed_at: datetime | None = None
    patch_set: Sequence[Any] = ()


@dataclass(frozen=True, slots=True)
class Ref:
    """Up to which commit of a repository a release goes."""

    repository: str
    commit_id: str
    previous_commit: str = ""


@dataclass(frozen=True, slots=True)
class NewDeploy:
    """A deploy as a script tells it."""

    environment: str
    name: str = ""
    url: str = ""
    started_at: datetime | None = None
    finished_at: datetime | None = None


def announce(project_ids: Collection[int], version: str, fields: dict[str, Any], now: datetime) -> bool:
    """Make a release known, or set these fields of a known one; return whether any project had not heard of it.

    Raises UsageError for a version that cannot stand in an address, and for a status that does not exist.
    """
    _check(version, fields)
    with transaction.atomic():
        known = set(
            Release.objects.filter(project_id__in=project_ids, version=version, removed_at__isnull=True).values_list(
                "project_id", flat=True
            )
        )
        seen = set(_seen(project_ids, version))
        for project_id in sorted(project_ids):
            changes = fields if project_id in known else {**_blank(), "created_at": now, **fields}
            Release.objects.update_or_create(project_id=project_id, version=version, defaults=changes)
    return not set(project_ids) <= known | seen


def remove(project_ids: Collection[int], version: str, now: datetime) -> None:
    """Forget what people said about a release; it stays out of sight until an event shows it again."""
    with transaction.atomic():
        for table in (ReleaseCommit, ReleaseRef, Deploy):
            table.objects.filter(project_id__in=project_ids, version=version).delete()
        Release.objects.filter(project_id__in=project_ids, version=version).delete()
        Release.objects.bulk_create(
            [
                Release(project_id=project_id, version=version, created_at=now, removed_at=now)
                for project_id in _seen(project_ids, version)
            ]
        )


def set_commits(project_ids: Collection[int], version: str, commits: Sequence[Commit]) -> None:
    """Say which commits a release holds, newest first, in place of what was said before.

    Raises UsageError when there are more than MOST_COMMITS.
    """
    if len(commits) > MOST_COMMITS:
        raise UsageError(f"A release takes at most {MOST_COMMITS} commits: name those since the release before it.")
    once = list({(commit.repository, commit.commit_id): commit for commit in commits}.values())
    with transaction.atomic():
        ReleaseCommit.objects.filter(project_id__in=project_ids, version=version).delete()
        for project_id in project_ids:
            ReleaseCommit.objects.bulk_create(
                [_commit_row(project_id, version, place, commit) for place, commit in enumerate(once)], batch_size=500
            )


def set_refs(project_ids: Collection[int], version: str, refs: Sequence[Ref]) -> None:
    """Say up to which commit of each repository a release goes."""
    with transaction.atomic():
        for project_id in project_ids:
            for ref in refs:
                ReleaseRef.objects.update_or_create(
                    project_id=project_id,
                    version=version,
                    repository=ref.repository,
                    defaults={"commit_id": ref.commit_id, "previous_commit": ref.previous_commit},
                )


def add_deploy(project_ids: Collection[int], version: str, deploy: NewDeploy, now: datetime) -> Deploy:
    """Note that a release went to an environment; return one of the rows, which are alike but for their project."""
    deploy_id = new_id(now)
    rows = [
        Deploy(
            project_id=project_id,
            id=deploy_id,
            version=version,
            environment=deploy.environment,
            name=deploy.name,
            url=deploy.url,
            started_at=deploy.started_at,
            finished_at=deploy.finished_at or now,
        )
        for project_id in sorted(project_ids)
    ]
    Deploy.objects.bulk_create(rows)
    return rows[0]


def checked_version(version: str) -> str:
    """Return `version`; raises UsageError unless it can be a release's name and stand in an address."""
    is_fit = version == version.strip() and version not in {"", ".", ".."} and version.isprintable()
    if not is_fit or len(version) > VERSION_LIMIT or "/" in version or "\\" in version:
        raise UsageError(
            f"A version has 1 to {VERSION_LIMIT} characters, no slash, no control character, no space at its ends:"
            " name it like product@1.2.3."
        )
    return version


def _check(version: str, fields: dict[str, Any]) -> None:
    checked_version(version)
    if not fields.keys() <= _FIELDS:
        raise UsageError(f"A release has no field {', '.join(sorted(fields.keys() - _FIELDS))}.")
    if fields.get("status", OPEN) not in STATUSES:
        raise UsageError(f"The status of a release is one of {', '.join(STATUSES)}.")


def _blank() -> dict[str, Any]:
    """Return the fields of a release of which nothing is known, so that one which was removed begins anew."""
    return {"started_at": None, "released_at": None, "url": "", "ref": "", "status": OPEN, "removed_at": None}


def _seen(project_ids: Collection[int], version: str) -> list[int]:
    found = SeenRelease.objects.filter(project_id__in=project_ids, version=version)
    return list(found.values_list("project_id", flat=True))


def _commit_row(project_id: int, version: str, place: int, commit: Commit) -> ReleaseCommit:
    return ReleaseCommit(
        project_id=project_id,
        version=version,
        position=place,
        commit_id=commit.commit_id,
        repository=commit.repository,
        author_name=commit.author_name,
        author_email=commit.author_email,
        message=commit.message,
        committed_at=commit.committed_at,
        patch_set=list(commit.patch_set),
    )

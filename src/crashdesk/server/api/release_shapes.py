"""Releases, commits and deploys as Sentry's REST API writes them."""

from datetime import datetime
from typing import Annotated, Any, Literal, NotRequired, TypedDict

from crashdesk.server.api.answers import time, time_or_null
from crashdesk.server.api.issue_shapes import ProjectName
from crashdesk.server.api.schemas import Text, Time
from crashdesk.server.releases.queries import Deploy, ReleaseCommit, ReleaseFacts

ReleaseName = Annotated[str, Text(least=1, most=200)]
Address = Annotated[str, Text(most=500)]
CommitId = Annotated[str, Text(least=1, most=64)]
Names = list[Annotated[str, Text(most=100)] | int]


class CommitName(TypedDict):
    """Which commit it is."""

    id: str


class VersionInfo(TypedDict):
    """How a version reads."""

    version: dict[str, str]
    description: str
    package: str | None


class ReleaseShape(TypedDict):
    """A release: a version of one or several projects."""

    id: str
    version: str
    shortVersion: str
    versionInfo: VersionInfo
    status: str
    ref: str | None
    url: str | None
    dateCreated: Time
    dateStarted: Time | None
    dateReleased: Time | None
    firstEvent: Time | None
    lastEvent: Time | None
    newGroups: int
    commitCount: int
    deployCount: int
    lastCommit: CommitName | None
    lastDeploy: dict[str, str | None] | None
    projects: list[ProjectName]
    authors: list[Any]
    data: dict[str, Any]
    owner: None


class NoRelease(TypedDict):
    """There is none."""


class PatchEntry(TypedDict):
    """One file that a commit touched: A added, M changed, D deleted."""

    path: Annotated[str, Text(most=1000)]
    type: Annotated[str, Text(most=4)]


class CommitBody(TypedDict):
    """A commit, as a build script tells it."""

    id: CommitId
    repository: NotRequired[Annotated[str, Text(most=200)] | None]
    author_name: NotRequired[Annotated[str, Text(most=200)] | None]
    author_email: NotRequired[Annotated[str, Text(most=254)] | None]
    timestamp: NotRequired[datetime | None]
    message: NotRequired[Annotated[str, Text(most=10_000)] | None]
    patch_set: NotRequired[list[PatchEntry] | None]


class RefBody(TypedDict):
    """Up to which commit of a repository a release goes."""

    repository: Annotated[str, Text(least=1, most=200)]
    commit: CommitId
    previousCommit: NotRequired[Annotated[str, Text(most=64)] | None]


class ReleaseChanges(TypedDict):
    """What shall be set of a release."""

    projects: NotRequired[Names]
    dateStarted: NotRequired[datetime | None]
    dateReleased: NotRequired[datetime | None]
    url: NotRequired[Address | None]
    ref: NotRequired[Annotated[str, Text(most=250)] | None]
    status: NotRequired[Literal["open", "archived"] | None]
    commits: NotRequired[list[CommitBody] | None]
    refs: NotRequired[list[RefBody] | None]


class NewRelease(ReleaseChanges):
    """A release to be announced."""

    version: ReleaseName


class CommitShape(TypedDict):
    """A commit of a release."""

    id: str
    message: str | None
    dateCreated: Time | None
    repository: dict[str, str] | None
    author: dict[str, str] | None
    patchSet: list[Any]


class NewDeployBody(TypedDict):
    """That a release went to an environment."""

    environment: Annotated[str, Text(least=1, most=64)]
    name: NotRequired[Annotated[str, Text(most=64)] | None]
    url: NotRequired[Address | None]
    dateStarted: NotRequired[datetime | None]
    dateFinished: NotRequired[datetime | None]
    projects: NotRequired[Names | None]


class DeployShape(TypedDict):
    """A deploy of a release."""

    id: str
    environment: str
    name: str | None
    url: str | None
    dateStarted: Time | None
    dateFinished: Time


def release(row: ReleaseFacts, projects: dict[int, Any], new_issues: int) -> ReleaseShape:
    """Return a release; `projects` are those through which it was found."""
    package, _, version = row.version.rpartition("@")
    commit: CommitName | None = {"id": row.last_commit.commit_id} if row.last_commit else None
    owners = [projects[project_id] for project_id in sorted(row.project_ids)]
    return {
        "id": row.version,
        "version": row.version,
        "shortVersion": version,
        "versionInfo": {"version": {"raw": version}, "description": version, "package": package or None},
        "status": row.status,
        "ref": row.ref or None,
        "url": row.url or None,
        "dateCreated": time(row.created_at),
        "dateStarted": time_or_null(row.started_at),
        "dateReleased": time_or_null(row.released_at),
        "firstEvent": time_or_null(row.first_event_at),
        "lastEvent": time_or_null(row.last_event_at),
        "newGroups": new_issues,
        "commitCount": row.commit_count,
        "deployCount": row.deploy_count,
        "lastCommit": commit,
        "lastDeploy": _last(row.last_deploy),
        "projects": [{"id": str(owner.id), "slug": owner.slug, "name": owner.name} for owner in owners],
        "authors": [],
        "data": {},
        "owner": None,
    }


def commit(row: ReleaseCommit) -> CommitShape:
    has_author = row.author_name or row.author_email
    return {
        "id": row.commit_id,
        "message": row.message or None,
        "dateCreated": time_or_null(row.committed_at),
        "repository": {"name": row.repository} if row.repository else None,
        "author": {"name": row.author_name, "email": row.author_email} if has_author else None,
        "patchSet": row.patch_set,
    }


def deploy(row: Deploy) -> DeployShape:
    return {
        "id": str(row.id),
        "environment": row.environment,
        "name": row.name or None,
        "url": row.url or None,
        "dateStarted": time_or_null(row.started_at),
        "dateFinished": time(row.finished_at),
    }


def _last(row: Deploy | None) -> dict[str, str | None] | None:
    if row is None:
        return None
    return {"id": str(row.id), "environment": row.environment, "dateFinished": time(row.finished_at)}

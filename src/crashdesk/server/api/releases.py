"""Releases of an organisation or project, their commits and deploys."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse

from crashdesk import clock
from crashdesk.server.api import bodies, cursors, release_shapes
from crashdesk.server.api.answers import Refusal, answer, not_there, nothing, page
from crashdesk.server.api.authentication import Caller
from crashdesk.server.api.release_shapes import NewDeployBody, NewRelease, ReleaseChanges
from crashdesk.server.issues import queries as issues
from crashdesk.server.releases import queries, services
from crashdesk.server.releases.queries import ReleaseFacts, ReleaseListRequest

_FIELDS = {"dateStarted": "started_at", "dateReleased": "released_at", "url": "url", "ref": "ref", "status": "status"}


def listed(request: HttpRequest, caller: Caller, org: str, name: str | None = None) -> HttpResponse:
    """List releases, newest first."""
    ids = _asked_projects(request, caller, org, name)
    offset, limit = cursors.offset(request), cursors.limit(request)
    rows = queries.releases(
        ReleaseListRequest(
            ids,
            text=request.GET.get("query", "").replace("\x00", ""),
            status=request.GET.get("status", ""),
            is_by_version=request.GET.get("sort") == "semver",
            offset=offset,
            limit=limit + 1,
        )
    )
    following = cursors.after(str(offset + limit)) if len(rows) > limit else ""
    return page(request, _shown(caller, ids, rows[:limit]), following)


def create(request: HttpRequest, caller: Caller, org: str, name: str | None = None) -> HttpResponse:
    """Announce a release; one that is known already is changed, which the status 208 tells."""
    asked = bodies.read(request, NewRelease)
    ids = _targets(caller, org, name, asked["version"], asked)
    is_new = _set(ids, asked["version"], asked)
    return answer(_one(caller, ids, asked["version"]), 201 if is_new else 208)


def one(request: HttpRequest, caller: Caller, org: str, version: str, name: str | None = None) -> HttpResponse:
    """Give one release."""
    del request
    return answer(_one(caller, _visible(caller, org, name), version))


def change(request: HttpRequest, caller: Caller, org: str, version: str, name: str | None = None) -> HttpResponse:
    """Set dates, status, commits or refs of a release; one that is not known yet is announced by it."""
    asked = bodies.read(request, ReleaseChanges)
    _set(_targets(caller, org, name, version, asked), version, asked)
    return answer(_one(caller, _visible(caller, org, name), version))


def delete(request: HttpRequest, caller: Caller, org: str, version: str, name: str | None = None) -> HttpResponse:
    """Remove a release; its events stay, and the next one of them shows it again."""
    del request
    ids = sorted(queries.projects_of(_visible(caller, org, name), version))
    if not ids:
        raise not_there()
    services.remove(ids, version, clock.now())
    return nothing()


def commits(request: HttpRequest, caller: Caller, org: str, version: str, name: str | None = None) -> HttpResponse:
    """List the commits of a release, newest first."""
    ids = _known(caller, org, version, name)
    offset = cursors.offset(request)
    rows = queries.commits(ids, version)[offset : offset + cursors.PAGE_SIZE + 1]
    shown = [release_shapes.commit(row) for row in rows[: cursors.PAGE_SIZE]]
    return page(request, shown, cursors.after_offset(offset, len(rows)))


def previous(request: HttpRequest, caller: Caller, org: str, version: str) -> HttpResponse:
    """Give the newest release before this one of which commits are known; an empty object without one."""
    del request
    ids = _visible(caller, org, None)
    found = queries.previous_with_commits(ids, version)
    return answer(_shown(caller, ids, [found])[0] if found else {})


def deploys(request: HttpRequest, caller: Caller, org: str, version: str) -> HttpResponse:
    """List where a release was deployed to, newest first."""
    del request
    ids = _known(caller, org, version, None)
    return answer([release_shapes.deploy(row) for row in queries.deploys(ids, version)[:1000]])


def add_deploy(request: HttpRequest, caller: Caller, org: str, version: str) -> HttpResponse:
    """Note that a release went to an environment."""
    asked = bodies.read(request, NewDeployBody)
    known = _known(caller, org, version, None)
    ids = _named(caller, org, None, asked.get("projects") or []) or known
    made = services.NewDeploy(
        environment=asked["environment"],
        name=asked.get("name") or "",
        url=asked.get("url") or "",
        started_at=asked.get("dateStarted"),
        finished_at=asked.get("dateFinished"),
    )
    return answer(release_shapes.deploy(services.add_deploy(ids, version, made, clock.now())), 201)


def _asked_projects(request: HttpRequest, caller: Caller, org: str, name: str | None) -> list[int]:
    if name is not None:
        return [caller.project(org, name).id]
    return [row.id for row in caller.projects_below(org, request.GET.getlist("project"))]


def _visible(caller: Caller, org: str, name: str | None) -> list[int]:
    """Return the projects in which this call may look for the release."""
    return [caller.project(org, name).id] if name is not None else [row.id for row in caller.projects_below(org)]


def _known(caller: Caller, org: str, version: str, name: str | None) -> list[int]:
    """Return the projects that have this release; refuse when none has."""
    ids = sorted(queries.projects_of(_visible(caller, org, name), version))
    if not ids:
        raise not_there()
    return ids


def _targets(caller: Caller, org: str, name: str | None, version: str, asked: ReleaseChanges) -> list[int]:
    """Return the projects that are meant: those named, else those that have the release, else the only one."""
    visible = _visible(caller, org, name)
    ids = _named(caller, org, name, asked.get("projects", [])) or sorted(queries.projects_of(visible, version))
    if not ids and len(visible) > 1:
        raise Refusal(400, "projects: this release is not known yet, so name its projects.")
    return ids or visible


def _named(caller: Caller, org: str, name: str | None, projects: Sequence[str | int]) -> list[int]:
    """Return the projects that the address or else the body names."""
    if name is not None:
        return [caller.project(org, name).id]
    return [row.id for row in caller.projects_below(org, map(str, projects))] if projects else []


def _set(ids: Sequence[int], version: str, asked: ReleaseChanges) -> bool:
    fields = {column: asked.get(name) or _blank(column) for name, column in _FIELDS.items() if name in asked}
    is_new = services.announce(ids, version, fields, clock.now())
    if asked.get("commits"):
        services.set_commits(ids, version, [_commit(entry) for entry in asked["commits"] or ()])
    if asked.get("refs"):
        services.set_refs(ids, version, [_ref(entry) for entry in asked["refs"] or ()])
    return is_new


def _blank(column: str) -> Any:
    return {"url": "", "ref": "", "status": queries.OPEN}.get(column)


def _commit(entry: release_shapes.CommitBody) -> services.Commit:
    return services.Commit(
        commit_id=entry["id"],
        repository=entry.get("repository") or "",
        author_name=entry.get("author_name") or "",
        author_email=entry.get("author_email") or "",
        message=entry.get("message") or "",
        committed_at=entry.get("timestamp"),
        patch_set=entry.get("patch_set") or (),
    )


def _ref(entry: release_shapes.RefBody) -> services.Ref:
    return services.Ref(entry["repository"], entry["commit"], entry.get("previousCommit") or "")


def _one(caller: Caller, ids: Sequence[int], version: str) -> release_shapes.ReleaseShape:
    found = queries.release(ids, version)
    if found is None:
        raise not_there()
    return _shown(caller, ids, [found])[0]


def _shown(caller: Caller, ids: Sequence[int], rows: Sequence[ReleaseFacts]) -> list[release_shapes.ReleaseShape]:
    news = issues.new_issues(ids, [row.version for row in rows])
    return [release_shapes.release(row, caller.projects, news.get(row.version, 0)) for row in rows]

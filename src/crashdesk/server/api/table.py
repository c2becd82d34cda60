"""The table of the API: every call with its address, scope, shapes. Access tests and OpenAPI are made from it."""

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse

from crashdesk.server.api import (
    event_shapes,
    events,
    feedback,
    figure_shapes,
    issue_changes,
    issue_shapes,
    issues,
    kept,
    organisations,
    project_shapes,
    projects,
    release_shapes,
    releases,
    sessions,
    statistics,
    symbol_shapes,
    symbols,
    uploads,
    withdrawals,
)
from crashdesk.server.api.answers import answer
from crashdesk.server.api.openapi import described
from crashdesk.server.api.operations import ANY_TOKEN, PUBLIC, Handler, Operation
from crashdesk.server.api.release_shapes import ReleaseShape

READ, WRITE, ADMIN = "event:read", "event:write", "event:admin"
PROJECT_READ, PROJECT_WRITE, RELEASES, ORG_READ = "project:read", "project:write", "project:releases", "org:read"

ORG = "organizations/<slug:org>/"
PROJECT = "projects/<slug:org>/<slug:name>/"
ISSUE = "issues/<str:issue_id>/"
EVENT = f"{PROJECT}events/<str:event_id>/"
RELEASE = "releases/<str:version>/"
FILE = "<str:file_id>/"

_PAGE = ("cursor",)
_ISSUES = ("cursor", "limit", "query", "sort", "status", "statsPeriod")
_SELECTED = ("id", "status", "query")
_SERIES = ("project", "field", "groupBy", "interval", "statsPeriod", "start", "end")
_RELEASES = ("cursor", "limit", "query", "release_status", "version_sort")


def document(request: HttpRequest) -> HttpResponse:
    """Describe this API in OpenAPI 3.1; without a token, since it says the same of every installation."""
    del request
    return answer(_document())


@cache
def _document() -> dict[str, Any]:
    return described(TABLE)


def _get(path: str, scope: str, handler: Handler, answers: Any, query: tuple[str, ...] = (), **more: Any) -> Operation:
    return Operation("GET", path, scope, handler, answers, query=query, **more)


def _put(path: str, scope: str, handler: Handler, answers: Any, body: Any, query: tuple[str, ...] = ()) -> Operation:
    return Operation("PUT", path, scope, handler, answers, body=body, query=query)


def _post(path: str, scope: str, handler: Handler, answers: Any, body: Any, **more: Any) -> Operation:
    return Operation("POST", path, scope, handler, answers, body=body, **more)


def _delete(path: str, scope: str, handler: Handler, query: tuple[str, ...] = (), status: int = 204) -> Operation:
    return Operation("DELETE", path, scope, handler, None, status=status, query=query)


def _of_issue(prefix: str) -> tuple[Operation, ...]:
    """Return the calls on one issue: below the organisation, and without it."""
    one, tag = prefix + ISSUE, f"{prefix}{ISSUE}tags/<str:key>/"
    return (
        _get(one, READ, issues.one, issue_shapes.IssueWithHistory),
        _put(one, WRITE, issue_changes.change, issue_shapes.IssueWithHistory, issue_shapes.IssueChanges),
        _delete(one, ADMIN, issue_changes.delete, status=202),
        _get(f"{one}events/", READ, events.of_issue, list[event_shapes.ListedEvent], _PAGE),
        _get(f"{one}events/latest/", READ, events.latest, event_shapes.WholeEvent),
        _get(f"{one}events/oldest/", READ, events.oldest, event_shapes.WholeEvent),
        _get(f"{one}events/<str:event_id>/", READ, events.of_issue_by_id, event_shapes.WholeEvent),
        _get(f"{one}tags/", READ, issues.tags_of, list[issue_shapes.TagShape]),
        _get(tag, READ, issues.tag, issue_shapes.TagShape),
        _get(f"{tag}values/", READ, issues.tag_values, list[issue_shapes.TagValueShape], _PAGE),
    )


_SERVER = (
    _get("", ANY_TOKEN, organisations.info, project_shapes.Info),
    _get("openapi.json", PUBLIC, document, dict[str, Any]),
    _post("withdrawals/", PUBLIC, withdrawals.take_back, None, withdrawals.Withdrawal, status=204),
    _get(
        "installation/stats/",
        ORG_READ,
        statistics.installation,
        figure_shapes.InstallationStats,
        is_for_superusers=True,
    ),
    _get("organizations/", ORG_READ, organisations.organisations, list[project_shapes.OrganisationShape]),
    _get("projects/", PROJECT_READ, projects.projects, list[project_shapes.ProjectShape]),
)
_ORGANISATION = (
    _get(ORG, ORG_READ, organisations.organisation, project_shapes.OrganisationShape),
    _get(f"{ORG}repos/", ORG_READ, organisations.nothing, list[Any]),
    _get(f"{ORG}monitors/", ORG_READ, organisations.nothing, list[Any]),
    _get(f"{ORG}projects/", PROJECT_READ, projects.projects, list[project_shapes.ProjectShape]),
    _post(
        f"{ORG}projects/", PROJECT_WRITE, projects.create, project_shapes.WholeProject, project_shapes.NewProject,
        status=201, is_for_superusers=True,
    ),
    _get(f"{ORG}sessions/", ORG_READ, sessions.series, figure_shapes.SeriesShape, (*_SERIES, "query", "environment")),
    _get(f"{ORG}stats_v2/", ORG_READ, statistics.of_organisation, figure_shapes.SeriesShape, (*_SERIES, "category")),
    _get(f"{ORG}eventids/<str:event_id>/", READ, events.place_of, event_shapes.EventPlace),
    _get(f"{ORG}shortids/<str:short_id>/", READ, issues.by_short_id, issue_shapes.ShortIdShape),
    _get(f"{ORG}issues/", READ, issues.of_organisation, list[issue_shapes.IssueShape], (*_ISSUES, "project")),
    _put(
        f"{ORG}issues/", WRITE, issue_changes.change_in_organisation, issue_shapes.IssuesChanged,
        issue_shapes.IssueChanges, (*_SELECTED, "project"),
    ),
    _delete(f"{ORG}issues/", ADMIN, issue_changes.delete_in_organisation, (*_SELECTED, "project")),
)  # fmt: skip
_PROJECT = (
    _get(PROJECT, PROJECT_READ, projects.project, project_shapes.WholeProject),
    _put(PROJECT, PROJECT_WRITE, projects.change, project_shapes.WholeProject, project_shapes.ProjectChanges),
    _get(f"{PROJECT}keys/", PROJECT_READ, projects.keys, list[project_shapes.KeyShape]),
    _post(
        f"{PROJECT}keys/", PROJECT_WRITE, projects.add_key, project_shapes.KeyShape, project_shapes.NewKey, status=201
    ),
    _get(f"{PROJECT}keys/<str:key_id>/", PROJECT_READ, projects.key, project_shapes.KeyShape),
    _put(
        f"{PROJECT}keys/<str:key_id>/", PROJECT_WRITE, projects.change_key, project_shapes.KeyShape,
        project_shapes.KeyChanges,
    ),
    _delete(f"{PROJECT}keys/<str:key_id>/", PROJECT_WRITE, projects.delete_key),
    _get(f"{PROJECT}account/", PROJECT_READ, statistics.account, figure_shapes.Account, ("statsPeriod",)),
    _get(
        f"{PROJECT}stats/", PROJECT_READ, statistics.of_project, list[list[int]],
        ("stat", "start", "end", "statsPeriod", "interval"),
    ),
    _get(f"{PROJECT}failed-reports/", READ, kept.failed, list[figure_shapes.FailedShape], _PAGE),
    _get(f"{PROJECT}kept-items/", READ, kept.items, list[figure_shapes.KeptShape], _PAGE),
    _get(
        f"{PROJECT}kept-items/<str:item_id>/", READ, kept.item, figure_shapes.KeptShape, ("download",), gives_bytes=True
    ),
    _get(f"{PROJECT}user-feedback/", READ, feedback.of_project, list[issue_shapes.FeedbackShape], _PAGE),
    _post(f"{PROJECT}user-feedback/", WRITE, feedback.add, issue_shapes.FeedbackShape, issue_shapes.FeedbackBody),
)  # fmt: skip
_ISSUES_AND_EVENTS = (
    _get(f"{PROJECT}issues/", READ, issues.of_project, list[issue_shapes.IssueShape], _ISSUES),
    _put(
        f"{PROJECT}issues/", WRITE, issue_changes.change_many, issue_shapes.IssuesChanged, issue_shapes.IssueChanges,
        _SELECTED,
    ),
    _delete(f"{PROJECT}issues/", ADMIN, issue_changes.delete_many, _SELECTED),
    _get(f"{PROJECT}events/", READ, events.of_project, list[event_shapes.ListedEvent], _PAGE),
    _get(EVENT, READ, events.one, event_shapes.WholeEvent),
    _get(f"{EVENT}attachments/", READ, events.attachments, list[event_shapes.AttachmentShape]),
    _get(
        f"{EVENT}attachments/{FILE}", READ, events.attachment, event_shapes.AttachmentShape, ("download",),
        gives_bytes=True,
    ),
    _delete(f"{EVENT}attachments/{FILE}", ADMIN, events.delete_attachment),
    *_of_issue(ORG),
    *_of_issue(""),
)  # fmt: skip


def _releases_below(prefix: str) -> tuple[Operation, ...]:
    """Return the calls on releases: of the organisation, and of a project."""
    many, one = f"{prefix}releases/", prefix + RELEASE
    query = (*_RELEASES, "project") if prefix == ORG else _RELEASES
    return (
        _get(many, PROJECT_READ, releases.listed, list[ReleaseShape], query),
        _post(many, RELEASES, releases.create, ReleaseShape, release_shapes.NewRelease, status=201, also=(208,)),
        _get(f"{one}commits/", PROJECT_READ, releases.commits, list[release_shapes.CommitShape], _PAGE),
        _get(one, PROJECT_READ, releases.one, ReleaseShape),
        _put(one, RELEASES, releases.change, ReleaseShape, release_shapes.ReleaseChanges),
        _delete(one, RELEASES, releases.delete),
    )


_RELEASE_PARTS = (
    *_releases_below(ORG),
    *_releases_below(PROJECT),
    _get(
        f"{ORG}{RELEASE}previous-with-commits/", PROJECT_READ, releases.previous,
        ReleaseShape | release_shapes.NoRelease,
    ),
    _get(f"{ORG}{RELEASE}deploys/", PROJECT_READ, releases.deploys, list[release_shapes.DeployShape]),
    _post(
        f"{ORG}{RELEASE}deploys/", RELEASES, releases.add_deploy, release_shapes.DeployShape,
        release_shapes.NewDeployBody, status=201,
    ),
)  # fmt: skip
_BUNDLE = f"{PROJECT}files/artifact-bundles/{FILE}"
_SYMBOLS = (
    _get(f"{ORG}chunk-upload/", RELEASES, uploads.options, symbol_shapes.UploadOptions),
    _post(f"{ORG}chunk-upload/", RELEASES, uploads.receive, list[Any], None, form=symbol_shapes.UploadForm),
    _post(
        f"{ORG}artifactbundle/assemble/", RELEASES, uploads.assemble_bundle, symbol_shapes.ProgressShape,
        symbol_shapes.BundleRequest,
    ),
    _post(
        f"{PROJECT}files/difs/assemble/", RELEASES, uploads.assemble_debug_files,
        dict[str, symbol_shapes.ProgressShape], dict[str, symbol_shapes.DebugFileRequest],
    ),
    _get(
        f"{PROJECT}files/dsyms/", PROJECT_READ, symbols.debug_files, list[symbol_shapes.DebugFileShape],
        ("cursor", "query", "debug_id", "id_of_file"), gives_bytes=True,
    ),
    _post(
        f"{PROJECT}files/dsyms/", RELEASES, uploads.receive_zip, list[symbol_shapes.DebugFileShape], None,
        form=symbol_shapes.ZipForm,
    ),
    _delete(f"{PROJECT}files/dsyms/", RELEASES, symbols.delete_debug_file, ("id_of_file",)),
    _get(f"{PROJECT}files/artifact-bundles/", PROJECT_READ, symbols.bundles, list[symbol_shapes.BundleShape], _PAGE),
    _get(_BUNDLE, PROJECT_READ, symbols.bundle, symbol_shapes.BundleShape, ("download",), gives_bytes=True),
    _delete(_BUNDLE, RELEASES, symbols.delete_bundle),
    _get(f"{_BUNDLE}files/", PROJECT_READ, symbols.bundled_files, list[symbol_shapes.BundledFileShape], _PAGE),
)  # fmt: skip

TABLE: tuple[Operation, ...] = (
    *_SERVER, *_ORGANISATION, *_PROJECT, *_ISSUES_AND_EVENTS, *_RELEASE_PARTS, *_SYMBOLS,
)  # fmt: skip

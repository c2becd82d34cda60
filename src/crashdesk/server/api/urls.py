"""Addresses of the API, each with its methods and the scope that a token needs for them."""

from django.urls import path

from crashdesk.server.api import events, feedback, installation, issues, organisations
from crashdesk.server.api.authentication import endpoint
from crashdesk.server.api.missing import missing

_READ, _WRITE, _PROJECT, _ORG = "event:read", "event:write", "project:read", "org:read"

_ONE_ISSUE = endpoint(get=(_READ, issues.one), put=(_WRITE, issues.change))
_EVENTS = endpoint(get=(_READ, events.of_issue))
_LATEST = endpoint(get=(_READ, events.latest))
_OLDEST = endpoint(get=(_READ, events.oldest))
_PROJECT_ISSUES = endpoint(get=(_READ, issues.of_project), put=(_WRITE, issues.change_many))
_NOTHING = endpoint(get=(_ORG, organisations.nothing))

_ISSUE = "issues/<str:issue_id>/"
_IN_ORG = "organizations/<slug:org>/"
_IN_PROJECT = "projects/<slug:org>/<slug:name>/"
_EVENT = f"{_IN_PROJECT}events/<str:event_id>/"

urlpatterns = [
    path("", endpoint(get=("", organisations.info))),
    path("installation/stats/", endpoint(get=(_ORG, installation.stats))),
    path("organizations/", endpoint(get=(_ORG, organisations.organisations))),
    path(_IN_ORG, endpoint(get=(_ORG, organisations.organisation))),
    path(f"{_IN_ORG}projects/", endpoint(get=(_PROJECT, organisations.projects))),
    path(f"{_IN_ORG}repos/", _NOTHING),
    path(f"{_IN_ORG}monitors/", _NOTHING),
    path(f"{_IN_ORG}issues/", endpoint(get=(_READ, issues.of_organisation))),
    path(_IN_ORG + _ISSUE, _ONE_ISSUE),
    path(f"{_IN_ORG}{_ISSUE}events/", _EVENTS),
    path(f"{_IN_ORG}{_ISSUE}events/latest/", _LATEST),
    path(f"{_IN_ORG}{_ISSUE}events/oldest/", _OLDEST),
    path("projects/", endpoint(get=(_PROJECT, organisations.projects))),
    path(_IN_PROJECT, endpoint(get=(_PROJECT, organisations.project))),
    path(f"{_IN_PROJECT}keys/", endpoint(get=(_PROJECT, organisations.keys))),
    path(f"{_IN_PROJECT}issues/", _PROJECT_ISSUES),
    path(f"{_IN_PROJECT}events/", endpoint(get=(_READ, events.of_project))),
    path(_EVENT, endpoint(get=(_READ, events.one))),
    path(f"{_EVENT}attachments/", endpoint(get=(_READ, events.attachments))),
    path(f"{_EVENT}attachments/<str:file_id>/", endpoint(get=(_READ, events.attachment))),
    path(f"{_IN_PROJECT}user-feedback/", endpoint(get=(_READ, feedback.of_project))),
    path(_ISSUE, _ONE_ISSUE),
    path(f"{_ISSUE}events/", _EVENTS),
    path(f"{_ISSUE}events/latest/", _LATEST),
    path(f"{_ISSUE}events/oldest/", _OLDEST),
    path("<path:rest>", missing),
]

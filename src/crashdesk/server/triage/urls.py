"""Addresses of the pages."""

from allauth.account.views import account_inactive, login, logout
from django.urls import path, register_converter
from django.views.generic import RedirectView

from crashdesk.server.triage import (
    event,
    events,
    failed,
    feedback,
    files,
    handbook,
    issue,
    issue_changes,
    issues,
    project,
    projects,
)
from crashdesk.server.triage.names import ShortIdConverter

register_converter(ShortIdConverter, "issue")

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="issues")),
    path("login/", login, name="account_login"),
    path("logout/", logout, name="account_logout"),
    path("login/inactive/", account_inactive, name="account_inactive"),
    path("issues/", issues.page, name="issues"),
    path("issues/news/", issues.news, name="issues_news"),
    path("issues/first/", issues.first, name="issues_first"),
    path("issues/change/", issue_changes.change_many, name="issues_change"),
    path("issues/undo/", issue_changes.undo, name="issues_undo"),
    path("issues/<issue:name>/", issue.page, name="issue"),
    path("issues/<issue:name>/change/", issue_changes.change_one, name="issue_change"),
    path("issues/<issue:name>/events/", events.page, name="events"),
    path("issues/<issue:name>/events/<str:event_id>/", event.page, name="event"),
    path("issues/<issue:name>/events/<str:event_id>/json/", files.event_json, name="event_json"),
    path("events/<str:event_id>/", event.anywhere, name="event_anywhere"),
    path("attachments/<slug:slug>/<int:attachment_id>/", files.attachment, name="attachment"),
    path("feedback/", feedback.page, name="feedback"),
    path("feedback/<slug:slug>/<int:feedback_id>/", feedback.mark, name="feedback_mark"),
    path("failed/", failed.page, name="failed"),
    path("failed/<slug:slug>/again/", failed.again, name="failed_again"),
    path("failed/<slug:slug>/<int:report_id>/raw/", files.failed_report, name="failed_raw"),
    path("projects/", projects.page, name="projects"),
    path("projects/<slug:slug>/", project.page, name="project"),
    path("help/", handbook.page, name="help_start"),
    path("help/<slug:name>/", handbook.page, name="help"),
]

"""Addresses of the web process: pages, the API, and the pages for what goes wrong."""

from django.urls import include, path

urlpatterns = [
    path("api/0/", include("crashdesk.server.api.urls")),
    path("", include("crashdesk.server.triage.urls")),
]

handler400 = "crashdesk.server.triage.errors.bad_request"
handler403 = "crashdesk.server.triage.errors.forbidden"
handler404 = "crashdesk.server.triage.errors.not_found"
handler429 = "crashdesk.server.triage.errors.too_many_tries"
handler500 = "crashdesk.server.triage.errors.failed"

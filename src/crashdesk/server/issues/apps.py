"""Django's entry for this app."""

from django.apps import AppConfig


class IssuesConfig(AppConfig):
    name = "crashdesk.server.issues"
    label = "issues"

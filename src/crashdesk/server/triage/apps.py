"""Django's entry for this app."""

from django.apps import AppConfig


class TriageConfig(AppConfig):
    name = "crashdesk.server.triage"
    label = "triage"

"""Django's entry for this app."""

from django.apps import AppConfig


class OutcomesConfig(AppConfig):
    name = "crashdesk.server.outcomes"
    label = "outcomes"

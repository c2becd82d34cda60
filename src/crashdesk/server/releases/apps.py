"""Django's entry for this app."""

from django.apps import AppConfig


class ReleasesConfig(AppConfig):
    name = "crashdesk.server.releases"
    label = "releases"

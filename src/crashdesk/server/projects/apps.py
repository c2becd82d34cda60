"""Django's entry for this app."""

from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "crashdesk.server.projects"
    label = "projects"

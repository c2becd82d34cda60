"""Django's entry for this app."""

from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "crashdesk.server.events"
    label = "events"

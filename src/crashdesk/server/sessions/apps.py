"""Django's entry for this app."""

from django.apps import AppConfig


class SessionsConfig(AppConfig):
    name = "crashdesk.server.sessions"
    label = "product_sessions"  # Django's own sessions, of signed-in people, have the shorter one

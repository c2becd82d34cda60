"""Django's entry for this app."""

from django.apps import AppConfig


class FeedbackConfig(AppConfig):
    name = "crashdesk.server.feedback"
    label = "feedback"

"""Django's entry for this app."""

from django.apps import AppConfig


class SymbolsConfig(AppConfig):
    name = "crashdesk.server.symbols"
    label = "symbols"

"""Addresses of the API, made from its table."""

from django.urls import path

from crashdesk.server.api.authentication import view_of
from crashdesk.server.api.missing import missing
from crashdesk.server.api.operations import by_path
from crashdesk.server.api.table import TABLE

urlpatterns = [
    *(path(address, view_of(rows)) for address, rows in by_path(TABLE).items()),
    path("<path:rest>", missing),
]

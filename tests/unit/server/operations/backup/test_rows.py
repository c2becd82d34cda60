"""Rows as lines: whatever a table holds comes back as it was, and numbers go on where they were."""

from datetime import UTC, datetime

import pytest
from django.apps import apps
from django.db import connection

from crashdesk.server.accounts.models import Token, User
from crashdesk.server.accounts.services import create_token
from crashdesk.server.events.models import Event, KeptItem
from crashdesk.server.operations.backup import lines, rows, snapshot
from crashdesk.server.projects.models import Project, ProjectKey
from support.rows import a_person, a_project, an_event

pytestmark = pytest.mark.django_db


def round_trip(model) -> list[dict]:
    """Dump a table, empty it, load it again; return what it holds then."""
    chunks = [chunk for chunk, _ in rows.dump(model)]
    names = [field.attname for field in rows.columns(model)]
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {model._meta.db_table}")  # noqa: S608 - the name of a table
    assert sum(rows.load(model, names, chunk.splitlines()) for chunk in chunks) == model.objects.count()
    return list(model.objects.order_by("pk").values())


def held(model) -> list[dict]:
    return list(model.objects.order_by("pk").values())


def test_events_come_back_with_their_moments_and_ids():
    project = a_project()
    moment = datetime(2026, 3, 2, 12, 30, 15, 123456, tzinfo=UTC)
    an_event(project.pk, happened_at=moment, release='a "quoted" \\ release\twith ünïcode')
    an_event(project.pk, environment="", body="000001:0:10")
    before = held(Event)
    assert round_trip(Event) == before


def test_people_and_their_tokens_come_back():
    ann = a_person()
    create_token(ann, "ci", ["event:read"])
    before = held(User), held(Token)
    assert (round_trip(User), round_trip(Token)) == before


def test_lists_booleans_and_missing_values_come_back():
    project = a_project()
    ProjectKey.objects.update(allowed_origins=["https://a.example", "*"], is_active=False, reports_per_minute=None)
    project.kept_items = ["security"]
    project.save()
    before = held(ProjectKey), held(Project)
    assert (round_trip(ProjectKey), round_trip(Project)) == before


def test_an_empty_table_has_no_lines():
    assert list(rows.dump(KeptItem)) == []


def test_every_table_of_ours_is_among_those_that_are_kept():
    kept = {model._meta.db_table for model in rows.tables(apps)}
    apart = {"intake", "intake_marker"}  # of PostgreSQL: kept as waiting rows and a sum
    of_the_place = {"django_migrations", "shared_place"}
    assert set(connection.introspection.table_names()) - apart - of_the_place - kept == set()


def test_numbers_of_removed_rows_are_not_given_again():
    first = a_person("first@example.org")
    last = snapshot.sequences(apps) | {User._meta.db_table: first.pk + 40}
    snapshot.continue_sequences(apps, last)
    assert a_person("second@example.org").pk == first.pk + 41


def test_lines_are_joined_to_chunks_of_bounded_size(monkeypatch):
    monkeypatch.setattr(lines, "CHUNK_BYTES", 10)
    assert list(lines.chunks([b"12345\n"] * 5)) == [(b"12345\n12345\n", 2), (b"12345\n12345\n", 2), (b"12345\n", 1)]

"""Making and changing tables: from nothing, again, by several at once, and what is refused."""

import subprocess
from contextlib import closing
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection

from crashdesk.errors import StorageError
from crashdesk.server import administration, schema
from crashdesk.server.events import partitions
from crashdesk.server.events.ids import first_at
from crashdesk.server.events.models import Event
from crashdesk.server.intake import postgres
from support.postgres import cluster, fresh_database
from support.rows import an_event
from support.servers import ADMIN_PASSWORD, server_command

LATER = datetime(2031, 5, 17, tzinfo=UTC)


def start_init(data, url, database):
    password = data.with_name(f"{data.name}.password")
    password.write_text(ADMIN_PASSWORD)
    words = ("init", "--data", data, "--url", url, "--admin-email", "a@example.org", "--admin-password-file", password)
    return subprocess.Popen(server_command(*words, "--database", database), stderr=subprocess.PIPE)


def test_migrating_again_changes_nothing(world):
    administration.migrate(world.server.data)
    assert schema.is_current(world.server)


def test_a_database_of_a_newer_version_is_refused(world):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('events', '0999_future', '2030-01-01')"
        )
    assert not schema.is_current(world.server)
    with pytest.raises(StorageError, match=r"newer Crashdesk \(it has events.0999_future\)"):
        administration.migrate(world.server.data)


def test_two_machines_that_make_one_server_at_once_do_not_collide(tmp_path):
    with fresh_database() as database:
        made = [start_init(tmp_path / name, "http://127.0.0.1:8300", database) for name in ("a", "b")]
        for process in made:
            with closing(process.stderr) as words:
                assert process.wait(60) == 0, words.read().decode()
        name = database.partition("@/")[2].partition("?")[0]
        assert cluster().run("SELECT count(*) FROM projects_organisation", name) == [(1,)]
        assert cluster().run("SELECT count(*) FROM projects_project", name) == [(1,)]


def test_an_old_postgresql_is_refused_in_one_sentence(on_postgres, monkeypatch):
    monkeypatch.setattr(postgres, "LEAST_VERSION", 99)
    with pytest.raises(StorageError, match="This is PostgreSQL 18: Crashdesk needs 99 or later"):
        administration.migrate(on_postgres.server.data)


def test_a_database_that_cannot_keep_every_text_is_refused(tmp_path):
    cluster().run("CREATE DATABASE latin ENCODING LATIN1 LOCALE 'C' TEMPLATE template0")
    try:
        with pytest.raises(StorageError, match="keeps text as LATIN1"):
            postgres.check(cluster().url("latin"))
    finally:
        cluster().run("DROP DATABASE latin")


def partition_of(event):
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM events_event WHERE id = %s", (event.id,))
        return cursor.fetchone()[0]


def test_events_lie_in_the_partition_of_their_month(on_postgres):
    partitions.look_after(LATER)
    assert partition_of(an_event(1, id=first_at(LATER))) == "events_event_m203105"
    assert partition_of(an_event(1, id=first_at(LATER + timedelta(days=70)))) == "events_event_m203107"


def test_an_event_without_a_partition_is_stored_and_moved_into_one_later(on_postgres):
    event = an_event(1, id=first_at(LATER))
    assert partition_of(event) == "events_event_default"
    partitions.cover(event.id, event.id)
    assert partition_of(event) == "events_event_m203105"
    assert Event.objects.get().event_id == event.event_id


def test_old_partitions_go_when_they_are_empty(on_postgres):
    partitions.look_after(LATER)
    kept = an_event(1, id=first_at(LATER + timedelta(days=40)), event_id=uuid4())
    partitions.look_after(LATER + timedelta(days=400))
    assert [name for name, _ in partitions._present() if "2031" in name] == ["events_event_m203106"]
    assert partition_of(kept) == "events_event_m203106"

"""Whether Django must look at the database's tables before the server starts."""

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from crashdesk.server import schema
from crashdesk.server.installation import Installation
from crashdesk.server.intake import sqlite
from support.servers import Server


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Server:
    server = Server(tmp_path_factory.mktemp("made") / "server", 8300)
    server.init()
    return server


@pytest.fixture
def server(made: Server, tmp_path: Path) -> Installation:
    return Installation.read(shutil.copytree(made.data, tmp_path / "data"))


def change(server: Installation, statement: str) -> None:
    with closing(sqlite.library().connect(server.main)) as connection, connection:
        connection.execute(statement)


def test_after_init_nobody_needs_to_look(server):
    assert schema.is_current(server)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO django_migrations (app, name, applied) VALUES ('events', '0999_future', '2030-01-01')",
        "DELETE FROM django_migrations WHERE id = (SELECT max(id) FROM django_migrations)",
        "DROP TABLE django_migrations",
    ],
)
def test_a_database_that_is_another_than_the_noted_one_is_looked_at(server, statement):
    change(server, statement)
    assert not schema.is_current(server)


def test_other_code_looks(server, monkeypatch):
    monkeypatch.setattr(schema, "version", lambda name: f"another {name}")
    assert not schema.is_current(server)


@pytest.mark.parametrize("text", [None, "", "{}", "[1", "null"])
def test_without_a_readable_note_somebody_looks(server, text):
    note = server.data / schema.FILE_NAME
    note.unlink() if text is None else note.write_text(text)
    assert not schema.is_current(server)


def test_without_a_database_somebody_looks(server):
    server.main.unlink()
    assert not schema.is_current(server)

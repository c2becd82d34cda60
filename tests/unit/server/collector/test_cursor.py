"""What may be forgotten: only what the main database holds beyond a power loss."""

import os
from pathlib import Path

import pytest

from crashdesk.errors import StorageError
from crashdesk.server.collector.cursor import SafeCursor


@pytest.fixture
def cursor(data):
    cursor = SafeCursor(data / "main.sqlite")
    yield cursor
    cursor.close()


def move(world, position):
    world.sql("INSERT OR REPLACE INTO events_intakecursor (name, position) VALUES ('processor', ?)", position)


def test_before_the_first_report_nothing_may_go(cursor):
    assert cursor.position() == 0


def test_the_cursor_follows_the_processor(world, cursor):
    move(world, 5)
    assert cursor.position() == 5
    move(world, 9)
    assert cursor.position() == 9


def test_what_else_the_processor_notes_does_not_count(world, cursor):
    world.sql("INSERT INTO events_intakecursor (name, position) VALUES ('suspect', 0)")
    move(world, 9)
    assert cursor.position() == 9


def test_the_database_is_synced_log_first_before_its_word_is_believed(world, cursor, monkeypatch):
    synced = []
    monkeypatch.setattr(
        os, "fsync", lambda descriptor: synced.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
    )
    keeper = SafeCursor(world.data / "main.sqlite")  # keeps the log from being folded in when the writer closes
    keeper.position()
    move(world, 5)
    cursor.position()
    cursor.position()
    keeper.close()
    assert synced == ["main.sqlite-wal", "main.sqlite"]


def test_a_sync_that_fails_means_not_stored(world, cursor, monkeypatch):
    def failing(_descriptor):
        raise OSError(5, "Input/output error")

    move(world, 5)
    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(StorageError, match="cannot be synced"):
        cursor.position()

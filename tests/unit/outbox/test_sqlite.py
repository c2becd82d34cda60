import sqlite3

import pytest

from crashdesk.outbox import sqlite


@pytest.fixture
def use_old_sqlite(monkeypatch):
    """Pretend that only the standard library is there and that it is older than 3.51.3."""
    monkeypatch.setattr(sqlite, "library", lambda: sqlite3)
    monkeypatch.setattr(sqlite, "is_wal_safe", lambda: False)


def pragma(connection, name):
    return connection.execute(f"PRAGMA {name}").fetchone()[0]


def test_a_safe_library_writes_ahead_and_syncs_each_commit(tmp_path):
    connection = sqlite.connect(tmp_path / "o.sqlite")
    assert (pragma(connection, "journal_mode"), pragma(connection, "synchronous")) == ("wal", 2)
    connection.close()


@pytest.mark.usefixtures("use_old_sqlite")
def test_an_old_library_keeps_a_rollback_journal_and_syncs_the_folder_too(tmp_path):
    connection = sqlite.connect(tmp_path / "o.sqlite")
    assert (pragma(connection, "journal_mode"), pragma(connection, "synchronous")) == ("delete", 3)
    connection.close()


def test_a_file_on_a_rollback_journal_stays_so_for_a_newer_library(tmp_path):
    with sqlite3.connect(tmp_path / "o.sqlite") as old:
        old.execute("CREATE TABLE t (a)")
    old.close()
    connection = sqlite.connect(tmp_path / "o.sqlite")
    assert (pragma(connection, "journal_mode"), pragma(connection, "synchronous")) == ("delete", 3)
    connection.close()


def test_an_old_library_leaves_wal_when_it_can(tmp_path, monkeypatch):
    newer = sqlite.connect(tmp_path / "o.sqlite")
    newer.execute("CREATE TABLE t (a)")
    newer.close()
    monkeypatch.setattr(sqlite, "is_wal_safe", lambda: False)
    connection = sqlite.connect(tmp_path / "o.sqlite")
    assert pragma(connection, "journal_mode") == "delete"
    connection.close()


def test_an_old_library_beside_a_newer_one_goes_on_and_says_so(tmp_path, monkeypatch, expected_logs):
    expected_logs("shares a WAL file")
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.05)
    newer = sqlite.connect(tmp_path / "o.sqlite")
    newer.execute("CREATE TABLE t (a)")
    monkeypatch.setattr(sqlite, "is_wal_safe", lambda: False)
    connection = sqlite.connect(tmp_path / "o.sqlite")
    assert pragma(connection, "journal_mode") == "wal"
    connection.close()
    newer.close()

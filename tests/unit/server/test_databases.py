"""How Django is told about the main database."""

from pathlib import Path

from crashdesk.server.databases import main_database


def test_without_an_address_it_is_the_file():
    found = main_database("", Path("/d/main.sqlite"))
    assert (found["ENGINE"], found["NAME"]) == ("django.db.backends.sqlite3", Path("/d/main.sqlite"))


def test_an_address_is_postgresql_with_everything_that_it_says():
    found = main_database("postgresql://desk:p%40ss@db:6432/crashes?sslmode=require", Path("/d/main.sqlite"))
    assert found["ENGINE"] == "django.db.backends.postgresql"
    assert [found[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")] == [
        "crashes", "desk", "p@ss", "db", "6432",
    ]  # fmt: skip
    assert found["OPTIONS"]["sslmode"] == "require"
    assert found["OPTIONS"]["application_name"] == "crashdesk"

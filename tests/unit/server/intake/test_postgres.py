"""Addresses of PostgreSQL: what is understood, and that no message holds the password."""

import pytest

from crashdesk.errors import StorageError, UsageError
from crashdesk.server.intake import postgres

SECRET = "geheim%21"


def test_an_address_is_taken_apart_with_patience_for_a_bad_network():
    found = postgres.parameters("postgresql://desk:p%40ss@db:6432/crashes?sslmode=require&connect_timeout=2")
    assert (found["host"], found["port"], found["user"], found["password"]) == ("db", "6432", "desk", "p@ss")
    assert (found["dbname"], found["sslmode"], found["connect_timeout"]) == ("crashes", "require", "2")
    assert found["tcp_user_timeout"] > 0


@pytest.mark.parametrize(
    "address",
    [f"mysql://desk:{SECRET}@db/crashes", f"postgresql://desk:{SECRET} x@db/crashes", f"postgresql://desk:{SECRET}@db",
     f"postgresql://desk:{SECRET}@db/crashes?nonsense=1", f"desk:{SECRET}@db"],
)  # fmt: skip
def test_what_is_no_address_is_refused_without_its_password(address):
    with pytest.raises(UsageError, match="postgresql://user:password@host/name") as refused:
        postgres.parameters(address)
    assert SECRET not in str(refused.value)


def test_a_database_that_is_away_is_named_with_what_to_do_and_without_the_password():
    with pytest.raises(StorageError, match="Connection refused") as away:
        postgres.connect(f"postgresql://desk:{SECRET}@127.0.0.1:1/crashes", "test")
    assert "check that PostgreSQL runs there" in str(away.value)
    assert not {SECRET, "geheim!"} & set(str(away.value).split())


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ('connection to "db", port 5432 failed: FATAL:  database "x" does not exist\n', 'database "x" does not'),
        ("connection is bad: no error details available", "connection is bad"),
        ("failed: Connection refused\n\tIs the server running there and accepting connections?", "refused"),
        ("", "OSError"),
    ],
)  # fmt: skip
def test_the_reason_is_one_line(said, reason):
    found = postgres.reason_of(OSError(said))
    assert reason in found
    assert "\n" not in found


def test_without_the_library_its_extra_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "psycopg", None)
    postgres.library.cache_clear()
    with pytest.raises(UsageError, match=r"install crashdesk\[server,postgres\]"):
        postgres.library()

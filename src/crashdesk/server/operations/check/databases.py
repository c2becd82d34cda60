"""The databases: their tables, their integrity, and the versions of what runs them."""

from collections.abc import Iterator

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from crashdesk import sqlite_library
from crashdesk.server.intake import postgres, sqlite
from crashdesk.server.operations.check.finding import ERROR, OK, WARNING, Finding, Surroundings

_RESTORE = "Stop the server, keep a copy of the data directory, and restore the last backup."


def schema(name: str, around: Surroundings) -> Iterator[Finding]:
    """Say whether every migration of this version, and no other, is applied."""
    executor = MigrationExecutor(connection)
    unknown = set(executor.loader.applied_migrations) - set(executor.loader.disk_migrations)
    if unknown:
        newest = ".".join(max(unknown))
        yield Finding(ERROR, name, f"It was written by a newer Crashdesk ({newest}).", "Install that version.")
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        advice = f"Run crashdesk server migrate --data {around.server.data}."
        yield Finding(ERROR, name, f"{len(missing)} changes of tables are not applied.", advice)
    if not (unknown or missing):
        yield Finding(OK, name, "current")


def integrity(name: str, around: Surroundings) -> Iterator[Finding]:
    """Let SQLite look at its files; PostgreSQL looks after its own."""
    files = [around.server.intake] if connection.vendor == "postgresql" else [around.server.main, around.server.intake]
    for file in files:
        if not file.exists():
            continue
        opened = sqlite.open_for_reading(file)
        try:
            pragma = "integrity_check" if around.is_deep else "quick_check"
            found = [str(row[0]) for row in opened.execute(f"PRAGMA {pragma}(20)")]
        except sqlite.library().Error as error:
            found = [str(error)]
        finally:
            opened.close()
        if found == ["ok"]:
            yield Finding(OK, name, f"{file.name} is sound")
        else:
            yield Finding(ERROR, name, f"{file.name} is damaged: {'; '.join(found)[:300]}", _RESTORE)


def library(name: str, around: Surroundings) -> Iterator[Finding]:
    """Say which versions of SQLite and PostgreSQL are at work, and whether they can be trusted."""
    version = sqlite.library().sqlite_version
    if sqlite_library.is_wal_safe():
        yield Finding(OK, name, f"SQLite {version}")
    else:
        what = f"SQLite {version} can damage a database in rare cases; a slower journal is used."
        yield Finding(WARNING, name, what, "Run: pip install pysqlite3")
    if connection.vendor == "postgresql":
        postgres.check(around.server.database)
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version")
            yield Finding(OK, name, f"PostgreSQL {(cursor.fetchone() or ['?'])[0]}")

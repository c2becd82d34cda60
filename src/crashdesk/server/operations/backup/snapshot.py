"""One unmoving view of the main database while others write to it, and the numbers that its sequences have reached."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.apps.registry import Apps
from django.core.management.color import no_style
from django.db import connection, models, transaction

from crashdesk.server.operations.backup.rows import columns, tables


@contextmanager
def unmoving() -> Iterator[None]:
    """Let every read in the block see the database as it is at its beginning; nobody waits for us."""
    if connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
        return
    connection.ensure_connection()
    with connection.cursor() as cursor:
        cursor.execute("BEGIN DEFERRED")  # Django's own would take the place of the one writer
        cursor.execute("SELECT count(*) FROM django_migrations")  # the view begins at the first read
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def sequences(registry: Apps) -> dict[str, int]:
    """Return the last number given in each table that numbers its rows."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, seq FROM sqlite_sequence")
            return {str(name): int(last) for name, last in cursor.fetchall()}
        found = {}
        for table, column in _numbered(registry):
            cursor.execute("SELECT pg_sequence_last_value(pg_get_serial_sequence(%s, %s))", [f'"{table}"', column])
            found[table] = int((cursor.fetchone() or [0])[0] or 0)
        return found


def continue_sequences(registry: Apps, last: dict[str, int]) -> None:
    """Let each table give numbers above `last` and above those of its rows, so that none is given twice."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for statement in connection.ops.sequence_reset_sql(no_style(), tables(registry)):
                cursor.execute(statement)
        for table, column in _numbered(registry):
            number = last.get(table, 0)
            if number > 0:
                _raise_to(table, column, number)


def _raise_to(table: str, column: str, number: int) -> None:
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence(%s, %s), greatest(%s, (SELECT max({quote(column)}) FROM {quote(table)})))",  # noqa: S608, E501 - names of our own tables
                [quote(table), column, number],
            )
            return
        cursor.execute("UPDATE sqlite_sequence SET seq = max(seq, %s) WHERE name = %s", [number, table])
        if not cursor.rowcount:
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, number])


def _numbered(registry: Apps) -> list[tuple[str, str]]:
    """Return table and column where the database itself numbers the rows."""
    return [
        (model._meta.db_table, str(field.column))  # noqa: SLF001 - Django's documented way to a table's name
        for model in tables(registry)
        for field in columns(model)
        if isinstance(field, models.AutoField | models.BigAutoField | models.SmallAutoField)
    ]

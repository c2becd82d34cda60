"""Many new rows at once, built already and with their ids: COPY on PostgreSQL, one prepared statement on SQLite."""

from collections.abc import Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any

from django.db import connection, models

from crashdesk.server.events import bulk


def store(model: type[models.Model], rows: Sequence[models.Model]) -> None:
    """Store rows that are not there yet; raises IntegrityError when one is."""
    if not rows:
        return
    columns = _columns(model)
    values = list(map(attrgetter(*columns), rows))
    if connection.vendor == "postgresql":
        _copy(model, values)
    else:
        bulk.insert(model, columns, values)


def _copy(model: type[models.Model], values: Sequence[Sequence[Any]]) -> None:
    statement, types = _copy_of(model)
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(statement) as copy:
        copy.set_types(types)
        for row in values:
            copy.write_row(row)


@lru_cache(maxsize=16)
def _copy_of(model: type[models.Model]) -> tuple[str, list[str]]:
    """Return the statement for a model's table, and the types that its columns have."""
    fields = [field for field in model._meta.concrete_fields if field.column]  # noqa: SLF001 - Django's way to a table's columns
    types = [str(field.db_type(connection)).partition("(")[0] for field in fields]
    quote = connection.ops.quote_name
    names = ", ".join(quote(str(field.column)) for field in fields)
    return f"COPY {quote(model._meta.db_table)} ({names}) FROM STDIN (FORMAT BINARY)", types  # noqa: SLF001 - as above


@lru_cache(maxsize=16)
def _columns(model: type[models.Model]) -> tuple[str, ...]:
    return tuple(str(field.column) for field in model._meta.concrete_fields if field.column)  # noqa: SLF001 - as above

"""Counters: their hours, and adding to many rows in one statement, the same on SQLite and PostgreSQL."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, models


def hour_of(moment: datetime) -> datetime:
    """Return the start of the hour that holds `moment`."""
    return moment.replace(minute=0, second=0, microsecond=0)


def add_counts(model: type[models.Model], keys: Sequence[str], counts: Mapping[tuple[Any, ...], int]) -> None:
    """Add to the last column of `model`'s rows: `keys` name the columns, whose values are the keys of `counts`.

    The counter is the model's only column beside `keys`; a row that is not there yet begins at 0.
    """
    if not counts:
        return
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)  # noqa: SLF001 - Django's documented way to a table's name
    counter = next(str(field.column) for field in model._meta.concrete_fields if field.column not in {None, *keys})  # noqa: SLF001 - as above
    columns = ", ".join(quote(name) for name in (*keys, counter))
    places = ", ".join(["%s"] * (len(keys) + 1))
    statement = (
        f"INSERT INTO {table} ({columns}) VALUES ({places}) "  # noqa: S608 - names of our own tables only
        f"ON CONFLICT ({', '.join(quote(name) for name in keys)}) "
        f"DO UPDATE SET {quote(counter)} = {table}.{quote(counter)} + excluded.{quote(counter)}"
    )
    with connection.cursor() as cursor:
        # in the order of the key, so that two writers wait for each other and never deadlock
        cursor.executemany(statement, [(*map(adapted, key), count) for key, count in sorted(counts.items())])


def adapted(value: Any) -> Any:
    """Return `value` as this database's own statements take it."""
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value

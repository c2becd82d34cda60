"""Many rows in one statement, the same on SQLite and PostgreSQL: raw values in, no model is built.

SQLite takes a prepared statement row after row; PostgreSQL takes whole columns as arrays, which saves a round trip for
each row. Rows come sorted by key where two writers could meet, so that they wait for each other and never deadlock.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, models

Row = Sequence[Any]
Model = type[models.Model]


def read(
    model: Model, columns: Sequence[str], equal: Mapping[str, Any], among: Mapping[str, Iterable[Any]]
) -> list[tuple[Any, ...]]:
    """Return these columns of the rows in which each column of `equal` has its value, those of `among` one of theirs.

    For what runs with every batch: the statement is built once, and is the same however many values are named. Times
    come as the database writes them.
    """
    statement = _select(model, tuple(columns), tuple(equal), tuple(among), connection.vendor)
    with connection.cursor() as cursor:
        cursor.execute(statement, [*map(adapted, equal.values()), *map(_many, among.values())])
        rows = list(cursor.fetchall())
    if connection.features.has_native_uuid_field:
        return rows
    return _with_uuids(model, columns, rows)


def insert(model: Model, columns: Sequence[str], rows: Sequence[Row], conflict: str = "") -> None:
    """Insert `rows`; `conflict` is what follows the rows, such as ``ON CONFLICT DO NOTHING``."""
    if not rows:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_insert_arrays(model, tuple(columns), conflict), _columns_of(rows))
        else:
            cursor.executemany(
                _insert_values(model, tuple(columns), conflict), [tuple(map(adapted, row)) for row in rows]
            )


def insert_returning(
    model: Model, columns: Sequence[str], rows: Sequence[Row], *, conflict: str, returning: Sequence[str]
) -> list[tuple[Any, ...]]:
    """Insert `rows` and return these columns of what was inserted or changed; values are numbers and text only."""
    if not rows:
        return []
    tail = f"{conflict} RETURNING {', '.join(map(_quoted, returning))}"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_insert_arrays(model, tuple(columns), tail), _columns_of(rows))
        else:
            cursor.execute(_insert_json(model, tuple(columns), tail), [orjson.dumps(rows).decode()])
        return list(cursor.fetchall())


def update(model: Model, keys: Sequence[str], columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Set `columns` of the rows with these keys; a row holds the new values, then the keys."""
    if not rows:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_update_arrays(model, tuple(keys), tuple(columns)), _columns_of(rows))
        else:
            cursor.executemany(
                _update_values(model, tuple(keys), tuple(columns)), [tuple(map(adapted, row)) for row in rows]
            )


def add_counts(model: Model, keys: Sequence[str], counter: str, counts: Mapping[tuple[Any, ...], int]) -> None:
    """Add to `counter` of the rows with these keys; a row that is not there yet begins at 0."""
    table, named = _table(model), _quoted(counter)
    conflict = (
        f"ON CONFLICT ({', '.join(map(_quoted, keys))}) DO UPDATE SET {named} = {table}.{named} + excluded.{named}"
    )
    insert(model, (*keys, counter), [(*key, count) for key, count in sorted(counts.items())], conflict)


def adapted(value: Any) -> Any:
    """Return `value` as this database's own statements take it."""
    kind = type(value)
    if kind is int or kind is str:
        return value
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, UUID) and not connection.features.has_native_uuid_field:
        return value.hex
    return value


def _many(values: Iterable[Any]) -> Any:
    """Return the values among which a column's must be: an array, or JSON where there are none."""
    found = [adapted(value) for value in values]
    return found if connection.vendor == "postgresql" else orjson.dumps(found).decode()


def _with_uuids(model: Model, columns: Sequence[str], rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    get_field = model._meta.get_field  # noqa: SLF001 - as below
    places = [place for place, name in enumerate(columns) if isinstance(get_field(name), models.UUIDField)]
    if not places:
        return rows
    return [
        tuple(UUID(value) if place in places and value else value for place, value in enumerate(row)) for row in rows
    ]


def _columns_of(rows: Iterable[Row]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _table(model: Model) -> str:
    return _quoted(model._meta.db_table)  # noqa: SLF001 - Django's documented way to a table's name


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def _arrays(model: Model, columns: Sequence[str]) -> str:
    """Return the parameters of ``unnest``: one array a column, of the column's type."""
    types = {field.column: field.db_type(connection) for field in model._meta.concrete_fields}  # noqa: SLF001 - as above
    return ", ".join(f"%s::{types[name]}[]" for name in columns)


@lru_cache(maxsize=256)
def _select(model: Model, columns: tuple[str, ...], equal: tuple[str, ...], among: tuple[str, ...], vendor: str) -> str:
    members = "= ANY(%s)" if vendor == "postgresql" else "IN (SELECT value FROM json_each(%s))"
    terms = [*(f"{_quoted(name)} = %s" for name in equal), *(f"{_quoted(name)} {members}" for name in among)]
    return f"SELECT {', '.join(map(_quoted, columns))} FROM {_table(model)} WHERE {' AND '.join(terms)}"  # noqa: S608 - as above


@lru_cache(maxsize=256)
def _insert_values(model: Model, columns: tuple[str, ...], tail: str) -> str:
    places = ", ".join(["%s"] * len(columns))
    return f"INSERT INTO {_table(model)} ({', '.join(map(_quoted, columns))}) VALUES ({places}) {tail}"  # noqa: S608 - names of our own tables only


@lru_cache(maxsize=256)
def _insert_arrays(model: Model, columns: tuple[str, ...], tail: str) -> str:
    names = ", ".join(map(_quoted, columns))
    return f"INSERT INTO {_table(model)} ({names}) SELECT * FROM unnest({_arrays(model, columns)}) {tail}"  # noqa: S608 - as above


@lru_cache(maxsize=256)
def _insert_json(model: Model, columns: tuple[str, ...], tail: str) -> str:
    names = ", ".join(map(_quoted, columns))
    values = ", ".join(f"json_extract(value, '$[{place}]')" for place in range(len(columns)))
    return f"INSERT INTO {_table(model)} ({names}) SELECT {values} FROM json_each(%s) WHERE true {tail}"  # noqa: S608 - as above


@lru_cache(maxsize=256)
def _update_values(model: Model, keys: tuple[str, ...], columns: tuple[str, ...]) -> str:
    changes = ", ".join(f"{_quoted(name)} = %s" for name in columns)
    found = " AND ".join(f"{_quoted(name)} = %s" for name in keys)
    return f"UPDATE {_table(model)} SET {changes} WHERE {found}"  # noqa: S608 - as above


@lru_cache(maxsize=256)
def _update_arrays(model: Model, keys: tuple[str, ...], columns: tuple[str, ...]) -> str:
    table, names = _table(model), [*columns, *keys]
    changes = ", ".join(f"{_quoted(name)} = new.{_quoted(name)}" for name in columns)
    found = " AND ".join(f"{table}.{_quoted(name)} = new.{_quoted(name)}" for name in keys)
    row = ", ".join(map(_quoted, names))
    return f"UPDATE {table} SET {changes} FROM unnest({_arrays(model, names)}) AS new ({row}) WHERE {found}"  # noqa: S608 - as above

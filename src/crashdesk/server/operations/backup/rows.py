"""Rows of tables as lines of JSON, the same for every database: columns by name, values typed by the table's fields."""

import base64
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeAlias

import orjson
from django.apps.registry import Apps
from django.db import connection, models

from crashdesk.server.operations.backup.lines import chunks

CHUNK_ROWS = 500
_AS_THEY_ARE = (models.CharField, models.TextField, models.IntegerField, models.FloatField)

Field: TypeAlias = "models.Field[Any, Any]"


def tables(registry: Apps) -> list[type[models.Model]]:
    """Return the models with a table, those of many-to-many relations included, in the order of their names."""
    found = registry.get_models(include_auto_created=True)
    return sorted(
        (model for model in found if model._meta.managed and not model._meta.proxy),  # noqa: SLF001 - Django's way in
        key=lambda model: model._meta.db_table,  # noqa: SLF001 - as above
    )


def columns(model: type[models.Model]) -> list[Field]:
    """Return the fields of `model` that have a column, in their order."""
    return [field for field in model._meta.concrete_fields if field.column]  # noqa: SLF001 - as above


def dump(model: type[models.Model]) -> Iterator[tuple[bytes, int]]:
    """Return the rows of `model` in chunks of lines, each with the number of its rows."""
    names = [field.attname for field in columns(model)]
    rows = model._base_manager.order_by().values_list(*names)  # noqa: SLF001 - whatever its own manager leaves out
    encoded = (
        orjson.dumps(row, default=_written, option=orjson.OPT_APPEND_NEWLINE)
        for row in rows.iterator(chunk_size=CHUNK_ROWS * 4)
    )
    return chunks(encoded)


def load(model: type[models.Model], names: Sequence[str], lines: Iterable[bytes]) -> int:
    """Insert lines that `dump` wrote with the columns `names`; return how many rows there were."""
    by_name = {field.attname: field for field in columns(model)}
    fields = [by_name[name] for name in names]
    reads = [_reader(field) for field in fields]
    rows = ([read(value) for read, value in zip(reads, orjson.loads(line), strict=True)] for line in lines)
    insert = _copy if connection.vendor == "postgresql" else _execute
    return insert(model._meta.db_table, [str(field.column) for field in fields], rows)  # noqa: SLF001 - as above


def clear(registry: Apps) -> None:
    """Empty every table: migrations leave some rows of their own."""
    with connection.cursor() as cursor:
        for model in tables(registry):
            cursor.execute(f"DELETE FROM {_quoted(model._meta.db_table)}")  # noqa: S608, SLF001 - names of our tables


def _copy(table: str, names: Sequence[str], rows: Iterable[list[Any]]) -> int:
    count = 0
    statement = f"COPY {_quoted(table)} ({', '.join(map(_quoted, names))}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
            count += 1
    return count


def _execute(table: str, names: Sequence[str], rows: Iterable[list[Any]]) -> int:
    places = ", ".join(["%s"] * len(names))
    statement = f"INSERT INTO {_quoted(table)} ({', '.join(map(_quoted, names))}) VALUES ({places})"  # noqa: S608 - as above
    count = 0
    with connection.cursor() as cursor:
        batch: list[list[Any]] = []
        for row in rows:
            batch.append(row)
            if len(batch) >= CHUNK_ROWS:
                cursor.executemany(statement, batch)
                count, batch = count + len(batch), []
        if batch:
            cursor.executemany(statement, batch)
    return count + len(batch)


def _reader(field: Field) -> Callable[[Any], Any]:
    """Return what turns a value of a line into one for this database."""
    target = getattr(field, "target_field", field) if field.is_relation else field
    if isinstance(target, _AS_THEY_ARE):
        return _same
    if isinstance(target, models.BinaryField):
        return lambda text: None if text is None else base64.b64decode(text)
    return lambda value: target.get_db_prep_save(target.to_python(value), connection)


def _same(value: Any) -> Any:
    return value


def _written(value: Any) -> str:
    """Return what JSON has no form for: bytes as base64, decimals as text."""
    return base64.b64encode(value).decode("ascii") if isinstance(value, bytes | memoryview) else str(value)


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)

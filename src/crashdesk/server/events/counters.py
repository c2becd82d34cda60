"""Counters: their hours and days, and adding to many rows in one statement."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import models

from crashdesk.server.events import bulk

_START = datetime(1970, 1, 1, tzinfo=UTC)
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


def hour_of(moment: datetime) -> datetime:
    """Return the start of the hour that holds `moment`."""
    return moment.replace(minute=0, second=0, microsecond=0)


def hour_number(moment: datetime) -> int:
    """Return how many whole hours had passed since 1970."""
    return (moment - _START) // _HOUR


def day_number(moment: datetime) -> int:
    """Return how many whole days had passed since 1970."""
    return (moment - _START) // _DAY


def add_counts(model: type[models.Model], keys: Sequence[str], counts: Mapping[tuple[Any, ...], int]) -> None:
    """Add to the last column of `model`'s rows: `keys` name the columns, whose values are the keys of `counts`.

    The counter is the model's only column beside `keys`; a row that is not there yet begins at 0.
    """
    fields = model._meta.concrete_fields  # noqa: SLF001 - Django's documented way to a table's columns
    counter = next(str(field.column) for field in fields if field.column not in {None, *keys})
    bulk.add_counts(model, keys, counter, counts)

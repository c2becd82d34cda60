"""Each test here runs on SQLite and on PostgreSQL, with a real server's data directory and real transactions."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(params=["sqlite", "postgresql"])
def vendor(request: pytest.FixtureRequest) -> str:
    """The database of this test."""
    return str(request.param)


@pytest.fixture
def world(vendor: str, tmp_path: Path, settings: Any, django_db_blocker: Any) -> Iterator[Any]:
    """A fresh server on that database."""
    from support.topologies import topology  # needs Django to be ready

    settings.CRASHDESK_DATA = tmp_path / "server"
    with django_db_blocker.unblock(), topology(tmp_path, on_postgres=vendor == "postgresql") as found:
        yield found


@pytest.fixture
def on_postgres(tmp_path: Path, settings: Any, django_db_blocker: Any) -> Iterator[Any]:
    """A fresh server on PostgreSQL, for what only that can do."""
    from support.topologies import topology

    settings.CRASHDESK_DATA = tmp_path / "server"
    with django_db_blocker.unblock(), topology(tmp_path, on_postgres=True) as found:
        yield found

"""The collector's view of the projects' keys: fresh enough, and never guessed."""

import pytest

from crashdesk.clock import FrozenClock
from crashdesk.errors import StorageError
from crashdesk.server.collector.keys import CHECK_EVERY_SECONDS, KeyTable


@pytest.fixture
def clock():
    return FrozenClock()


@pytest.fixture
def keys(data, clock):
    table = KeyTable.open(data / "main.sqlite", clock.monotonic)
    yield table
    table.close()


def test_a_key_is_found_with_its_project(world, keys):
    key = keys.find(world.dsn.public_key)
    assert (key.project_id, key.is_active, key.allowed_origins) == (1, True, ())
    assert keys.find("unknown") is None


def test_a_new_key_is_known_at_its_first_use(world, keys):
    assert keys.find("fresh") is None
    world.sql(
        "INSERT INTO projects_projectkey (public_key, label, is_active, allowed_origins, created_at, project_id)"
        " VALUES ('fresh', 'x', 1, '[]', '2026-01-01', 1)"
    )
    assert keys.find("fresh").project_id == 1


def test_a_key_that_is_switched_off_stays_outside_after_a_moment(world, keys, clock):
    assert keys.find(world.dsn.public_key).is_active
    world.sql("UPDATE projects_projectkey SET is_active = 0")
    clock.advance(CHECK_EVERY_SECONDS)
    assert not keys.find(world.dsn.public_key).is_active


def test_a_database_that_cannot_be_read_refuses_nobody(data, keys):
    content = (data / "main.sqlite").read_bytes()
    (data / "main.sqlite").write_bytes(b"damaged".ljust(len(content), b"\0"))
    with pytest.raises(StorageError, match="keys cannot be read"):
        keys.find("whoever")

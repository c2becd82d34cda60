"""The projects' keys as the collector sees them, whichever database they lie in."""

import json
from contextlib import contextmanager

import pytest

from crashdesk.clock import FrozenClock
from crashdesk.errors import StorageError
from crashdesk.server.collector.keys import CHECK_EVERY_SECONDS, KeyTable
from crashdesk.server.collector.shared_keys import FILE_NAME, SharedKeys
from crashdesk.server.projects import queries, services
from support.postgres import own_cluster
from support.waiting import until


@contextmanager
def opened(world, clock):
    """Yield the keys as the collector opens them."""
    if world.server.database:
        keys = SharedKeys(world.server.database, world.server.data)
        keys.start()
    else:
        keys = KeyTable.open(world.server.main, clock.monotonic)
    try:
        yield keys
    finally:
        keys.close()


@pytest.fixture
def clock():
    return FrozenClock()


@pytest.fixture
def keys(world, clock):
    with opened(world, clock) as found:
        yield found


def the_project(world):
    return queries.project(world.project_id)


def test_a_key_is_found_with_what_its_project_allows(world, keys):
    key = keys.find(world.dsn.public_key)
    assert (key.project_id, key.is_active, key.allowed_origins) == (world.project_id, True, ())
    assert (key.has_spike_protection, key.reports_per_minute, key.quotas) == (True, None, ())
    assert keys.find("unknown") is None


def test_a_new_key_is_known_before_anybody_has_it(world, keys):
    added = services.add_key(the_project(world), "second")
    until(lambda: keys.find(added.public_key), 5, "the new key to be known")


def test_a_key_that_is_switched_off_stays_outside_after_a_moment(world, keys, clock):
    services.switch_key(queries.first_active_key(the_project(world)), is_active=False)
    clock.advance(CHECK_EVERY_SECONDS)
    until(lambda: not keys.find(world.dsn.public_key).is_active, 5, "the key to be switched off")


def test_a_change_of_the_project_reaches_its_keys(world, keys, clock):
    type(the_project(world)).objects.filter(pk=world.project_id).update(has_spike_protection=False, kept_items=["x"])
    clock.advance(CHECK_EVERY_SECONDS)
    until(lambda: keys.find(world.dsn.public_key).kept_items == ("x",), 5, "the change to be known")
    assert not keys.find(world.dsn.public_key).has_spike_protection


def test_a_collector_that_starts_while_postgresql_is_away_lets_in_who_was_let_in_before(
    on_postgres, clock, expected_logs
):
    expected_logs("Keys are as they were until the database is back")
    with opened(on_postgres, clock):
        pass
    away = SharedKeys("postgresql://desk@127.0.0.1:1/away", on_postgres.server.data)
    away.start()
    try:
        assert away.find(on_postgres.dsn.public_key).project_id == on_postgres.project_id
        with pytest.raises(StorageError, match="the database is away"):
            away.find("unknown")
    finally:
        away.close()


def test_the_noted_keys_are_private(on_postgres, clock):
    with opened(on_postgres, clock):
        pass
    noted = on_postgres.server.data / FILE_NAME
    assert noted.stat().st_mode & 0o777 == 0o600
    assert set(json.loads(noted.read_text())) == {"keys", "projects", "quotas"}


def test_after_a_restart_of_postgresql_keys_are_fresh_again(tmp_path, expected_logs):
    expected_logs("Keys are as they were until the database is back")
    with own_cluster() as server:
        keys = "public_key text, id int, project_id int, is_active bool, allowed_origins jsonb, reports_per_minute int"
        for statement in (
            f"CREATE TABLE projects_projectkey ({keys})",
            "CREATE TABLE projects_project (id int, has_spike_protection bool, kept_items jsonb)",
            "CREATE TABLE projects_projectquota (project_id int, category text, window_seconds int, quantity int)",
            "INSERT INTO projects_project VALUES (1, true, '[]')",
        ):
            server.run(statement)
        keys = SharedKeys(server.url(), tmp_path)
        keys.start()
        server.restart()
        server.run("INSERT INTO projects_projectkey VALUES ('fresh', 1, 1, true, '[]', null)")
        until(lambda: keys._keys.get("fresh"), 10, "the keys to be read again")
        keys.close()

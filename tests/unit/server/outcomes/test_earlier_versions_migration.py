"""The account of a server that an earlier version wrote agrees after the update: that version counted no arrivals."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from crashdesk.server.outcomes.queries import account, totals
from support.rows import NOON

pytestmark = pytest.mark.django_db(transaction=True)
BEFORE, AFTER = [("outcomes", "0002_totals")], [("outcomes", "0003_earlier_versions")]


def migrated(target):
    executor = MigrationExecutor(connection)
    executor.migrate(target)
    return executor.loader.project_state(target).apps


@pytest.fixture
def hours():
    """Give the table of the earlier version; whatever happens, that of today stands at the end."""
    try:
        yield migrated(BEFORE).get_model("outcomes", "OutcomeHour").objects
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())


def add(hours, outcome, quantity, reason="", project_id=1, category="error"):
    words = {"category": category, "outcome": outcome, "reason": reason}
    hours.create(project_id=project_id, hour=NOON.replace(minute=0), quantity=quantity, **words)


def test_what_an_earlier_version_stored_or_dropped_counts_as_received(hours):
    add(hours, "accepted", 56)
    add(hours, "invalid", 1, "not_readable")
    add(hours, "accepted", 15, category="attachment")
    add(hours, "client_discard", 4, "queue_full")
    migrated(AFTER)
    assert [(one.category, one.received, one.difference) for one in account([1])] == [
        ("attachment", 15, 0),
        ("error", 57, 0),
    ]
    assert (totals([1]).events_received, totals([1]).events_stored) == (57, 56)


def test_an_account_that_agrees_stays_as_it_is(hours):
    add(hours, "accepted", 3, project_id=2)
    add(hours, "received", 3, project_id=2)
    migrated(AFTER)
    assert [(one.received, one.stored) for one in account([2])] == [(3, 3)]
    assert totals([2]).events_received == 3


def test_arrivals_that_were_counted_already_are_not_counted_again(hours):
    add(hours, "accepted", 67)
    add(hours, "received", 11)
    migrated(AFTER)
    assert [(one.received, one.difference) for one in account([1])] == [(67, 0)]

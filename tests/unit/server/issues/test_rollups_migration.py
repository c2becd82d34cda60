"""What an earlier version counted is there after the change to rollups."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from crashdesk.server.events.counters import hour_number
from support.rows import NOON

pytestmark = pytest.mark.django_db(transaction=True)
BEFORE, AFTER = [("issues", "0001_initial")], [("issues", "0002_rollups")]


def migrated(target):
    executor = MigrationExecutor(connection)
    executor.migrate(target)
    return executor.loader.project_state(target).apps


@pytest.fixture
def tables():
    """Give the tables of the earlier version; whatever happens, those of today stand at the end."""
    executor = MigrationExecutor(connection)
    try:
        executor.migrate([("issues", None)])
        yield migrated(BEFORE).get_model
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())


def test_counts_of_an_earlier_version_are_carried_over(tables):
    for issue, value, count in ((1, "Linux", 2), (2, "Linux", 1), (2, "Windows", 4)):
        tables("issues", "IssueTag").objects.create(project_id=1, issue_id=issue, key="os", value=value, count=count)
    tables("issues", "IssueUser").objects.create(project_id=1, issue_id=2, user_digest="u")
    tables("issues", "IssueHour").objects.create(project_id=1, issue_id=2, hour=NOON.replace(minute=0), count=5)
    now = migrated(AFTER).get_model
    totals = dict(now("issues", "ProjectTag").objects.values_list("value", "count"))
    assert totals == {"": 7, "Linux": 3, "Windows": 4}
    assert now("issues", "IssueTag").objects.count() == 3
    assert list(now("issues", "IssueHour").objects.values_list("hour", "count")) == [(hour_number(NOON), 5)]
    assert now("issues", "ProjectHour").objects.get().count == 5
    assert now("issues", "IssueUser").objects.get().user_digest == "u"

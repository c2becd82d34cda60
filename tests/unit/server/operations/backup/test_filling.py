"""Tables as a backup's own Crashdesk had them."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from crashdesk.errors import StorageError
from crashdesk.server.installation import Installation
from crashdesk.server.operations.backup.filling import Filling, _has_later
from crashdesk.server.operations.backup.progress import Progress


def a_filling(data, migrations):
    return Filling(Installation.read(data), {"migrations": migrations, "event_ids": [0, 0]}, Progress(lambda _: None))


def test_a_backup_of_a_newer_version_is_refused_in_one_sentence(data):
    filling = a_filling(data, [["events", "0001_initial"], ["events", "0999_from_the_future"]])
    with pytest.raises(StorageError, match=r"newer Crashdesk \(it has events\.0999_from_the_future\): install that"):
        filling._make_tables()


def test_the_last_migration_of_each_app_leads_to_the_state_of_a_backup(db):
    executor = MigrationExecutor(connection)
    applied = set(MigrationRecorder(connection).applied_migrations())
    last = {entry for entry in applied if not _has_later(executor, entry, applied)}
    assert len({app for app, _ in last}) == len(last) == len({app for app, _ in applied})
    earlier = {("events", "0001_initial")}
    assert not _has_later(executor, ("events", "0001_initial"), earlier)
    assert _has_later(executor, ("events", "0001_initial"), applied)

"""Makes and changes the main database's tables so that whoever is killed in it can be followed by another try.

Django records a migration in the transaction that made it only where no statement was put off to its end. Killed
between the two it would find its own tables in its way ever after, so here the record always belongs to that
transaction. On PostgreSQL the statement of a killed process goes on for a while: the lock against others is held by the
very connection that changes the tables, so that it is free only when that has ended too.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.sql import emit_post_migrate_signal, emit_pre_migrate_signal
from django.db import connection, transaction
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState

from crashdesk.errors import StorageError

_LOCK = 0x63726462  # "crdb": an advisory lock of ours, so that no other program's numbers are met


@contextmanager
def alone() -> Iterator[None]:
    """Let nobody else make tables or first rows in this database during the block; waits until who does so has ended.

    On SQLite the file itself sees to that.
    """
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, 1)", (_LOCK,))
    yield
    with connection.cursor() as cursor:  # after a failure the end of the process does it
        cursor.execute("SELECT pg_advisory_unlock(%s, 1)", (_LOCK,))


def migrate(whose: str) -> None:
    """Apply what is missing, one transaction a migration; belongs into `alone`.

    Raises StorageError when a newer Crashdesk wrote the database, which `whose` names at the begin of a sentence.
    """
    executor = _Executor(connection)
    executor.loader.check_consistent_history(connection)
    _refuse_newer(executor, whose)
    targets = executor.loader.graph.leaf_nodes()
    plan = executor.migration_plan(targets)
    emit_pre_migrate_signal(0, False, connection.alias, plan=plan)
    executor.migrate(targets, plan)
    emit_post_migrate_signal(0, False, connection.alias, plan=plan)


def missing(whose: str) -> int:
    """Return how many migrations of this code the database does not have; raises StorageError as `migrate` does."""
    executor = MigrationExecutor(connection)
    _refuse_newer(executor, whose)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _refuse_newer(executor: MigrationExecutor, whose: str) -> None:
    unknown = sorted(set(executor.loader.applied_migrations) - set(executor.loader.disk_migrations))
    if unknown:
        newest = ".".join(unknown[-1])
        raise StorageError(f"{whose} was written by a newer Crashdesk (it has {newest}): install that or a later one.")


class _Executor(MigrationExecutor):
    """Django's, with one transaction around a migration and its record."""

    def apply_migration(
        self, state: ProjectState, migration: Migration, fake: bool = False, fake_initial: bool = False
    ) -> Any:
        if not migration.atomic:
            return super().apply_migration(state, migration, fake, fake_initial)
        self.connection.disable_constraint_checking()  # SQLite can do so only before the transaction
        try:
            with transaction.atomic(using=self.connection.alias):
                return super().apply_migration(state, migration, fake, fake_initial)
        finally:
            self.connection.enable_constraint_checking()

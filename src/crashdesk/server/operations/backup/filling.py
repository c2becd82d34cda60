"""The second reading of a backup: rows into tables, files into the blob store, waiting rows into a new intake."""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.apps.registry import Apps
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from crashdesk.errors import StorageError, UsageError
from crashdesk.server import administration, installation
from crashdesk.server.events import partitions
from crashdesk.server.events.bodies import blobs
from crashdesk.server.installation import Installation
from crashdesk.server.intake.incoming import DIRECTORY, Incoming
from crashdesk.server.operations.backup import facts, positions, rows, snapshot, waiting
from crashdesk.server.operations.backup.archive import MANIFEST, Member
from crashdesk.server.operations.backup.progress import Progress
from crashdesk.server.operations.backup.writing import BLOBS, INTAKE, SHARED, TABLES

if TYPE_CHECKING:
    from django.db.models import Model


class Filling:
    """One restore; the tables are brought to the state that the backup had, filled, and then brought up to date."""

    def __init__(self, server: Installation, manifest: dict[str, Any], progress: Progress) -> None:
        self._server = server
        self._manifest = manifest
        self._progress = progress
        self._counts: Counter[str] = Counter()
        self._models: dict[str, type[Model]] = {}

    def fill(self, members: Iterator[Member]) -> dict[str, int]:
        """Take the rest of the members; return how much there was of what."""
        if next(iter(blobs().objects()), None) is not None:
            raise UsageError("The object store holds files at that place already: name an empty prefix.")
        registry = self._make_tables()
        begin = self._manifest["finished"] if connection.vendor == "sqlite" else 0
        refill = waiting.Refill(self._server.intake, beyond=begin)
        with transaction.atomic():
            rows.clear(registry)
            for member in members:
                self._take(member, refill)
            self._make_sure_of_counts()
            positions.continue_after(self._manifest["finished"], self._manifest["markers"])
            snapshot.continue_sequences(registry, self._manifest["sequences"])
        refill.close()
        administration.migrate(self._server.data)
        return {"rows": self._counts[TABLES], "waiting": refill.count, "files": self._counts[BLOBS]}

    def _make_tables(self) -> Apps:
        """Make the tables as the backup's Crashdesk had them; return that version's models."""
        executor = MigrationExecutor(connection)
        applied = [(app, name) for app, name in self._manifest["migrations"]]
        unknown = [entry for entry in applied if entry not in executor.loader.disk_migrations]
        if unknown:
            newest = ".".join(unknown[-1])
            raise StorageError(
                f"The backup was written by a newer Crashdesk (it has {newest}): install that or a later one."
            )
        targets = [entry for entry in applied if not _has_later(executor, entry, set(applied))]
        executor.migrate(targets)
        registry: Apps = MigrationExecutor(connection).loader.project_state(targets).apps
        self._models = {model._meta.label_lower: model for model in rows.tables(registry)}  # noqa: SLF001 - Django's way
        partitions.cover(*self._manifest["event_ids"])
        return registry

    def _take(self, member: Member, refill: waiting.Refill) -> None:
        """Restore one member."""
        folder, _, name = member.name.partition("/")
        if folder == TABLES:
            label = name.partition("/")[0]
            count = rows.load(self._models[label], self._manifest["tables"][label]["columns"], member.file)
            self._counts[label] += count
            self._counts[TABLES] += count
            self._progress.note(f"{label}: {self._counts[label]} rows")
        elif folder == INTAKE:
            refill.add(member.file, after=self._manifest["stored_up_to"])
        elif folder == SHARED:
            refill.add(member.file)
        elif folder == BLOBS:
            blobs().adopt(name, member.pieces())
            self._counts[BLOBS] += 1
            self._progress.note(f"bodies and files: {self._counts[BLOBS]}")
        elif folder == DIRECTORY:
            Incoming(self._server.data).adopt(name, member.pieces())
        elif folder == facts.SETTINGS:
            installation.replace_file(self._server.data / facts.SETTINGS, member.file.read())
        elif folder != MANIFEST:
            raise StorageError(
                f"The backup holds {member.name}, which this version does not know: install a later one."
            )

    def _make_sure_of_counts(self) -> None:
        for label, entry in self._manifest["tables"].items():
            if self._counts[label] != entry["rows"]:
                raise StorageError(f"Of {label} {entry['rows']} rows were to be restored, {self._counts[label]} were.")


def _has_later(executor: MigrationExecutor, entry: tuple[str, str], applied: set[tuple[str, str]]) -> bool:
    """Whether another applied migration of the same app comes after `entry`."""
    children = executor.loader.graph.node_map[entry].children
    return any(child.key[0] == entry[0] and child.key in applied for child in children)

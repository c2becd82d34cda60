"""``server backup``: everything into one file while the server runs.

The order makes it whole: first what waits in the intake, then one unmoving view of the tables, then the files of the
blob store, where nothing that the view names comes later. What was stored between the first and the second step is
told by the position that the view holds.
"""

from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import Any

from crashdesk import clock
from crashdesk.errors import StorageError
from crashdesk.server.administration import start_on
from crashdesk.server.installation import FACTS, Installation
from crashdesk.server.intake.incoming import DIRECTORY, Incoming
from crashdesk.server.intake.queue import IntakeReader, IntakeRow
from crashdesk.server.operations.backup import facts, lines, waiting
from crashdesk.server.operations.backup.archive import Writer
from crashdesk.server.operations.backup.progress import Progress, Say

INTAKE, SHARED, TABLES, BLOBS = "intake", "shared", "tables", "blobs"  # the folders of the file


def back_up(data: Path, file: Path, say: Say) -> dict[str, Any]:
    """Write `file` and return what is in it; raises UsageError or StorageError and leaves nothing half."""
    server = start_on(data)
    from crashdesk.server.events.moving import unmoved  # after Django's start, as all below

    began = clock.monotonic()
    with Writer(file) as archive, unmoved():
        backup = _Backup(server, archive, Progress(say))
        counts = backup.write()
        size = archive.finish(backup.manifest)
    return {"file": str(file), "bytes": size, **counts, "seconds": round(clock.monotonic() - began, 1)}


class _Backup:
    """One backup on its way into an archive; the manifest is ready when all is written."""

    def __init__(self, server: Installation, archive: Writer, progress: Progress) -> None:
        self._server = server
        self._archive = archive
        self._progress = progress
        self._gone: dict[int, str] = {}  # large bodies that were not there any more, by position
        self._received_here = 0
        self.manifest: dict[str, Any] = {}

    def write(self) -> dict[str, int]:
        """Write all members; return how much there is of what."""
        from django.db import connection

        self._archive.begin(database=connection.vendor)
        self._archive.add(FACTS, facts.written(self._server))
        settings = facts.settings_of(self._server.data)
        if settings:
            self._archive.add(facts.SETTINGS, settings)
        self._add_intake()
        counts = self._add_tables()
        self._make_sure_of_large_bodies()
        return {**counts, "files": self._add_blobs()}

    def _add_intake(self) -> None:
        """Write the rows of this node's intake, and its large bodies."""
        from crashdesk.server.operations.backup.positions import stored_up_to

        if not self._server.intake.exists():
            return
        large: list[IntakeRow] = []
        with closing(IntakeReader.open(self._server.intake)) as reader:
            self._received_here = reader.received()
            rows = waiting.rows_behind(reader, stored_up_to(self._server), self._received_here)
            self._add_lines(INTAKE, map(waiting.line, _noting_large(rows, large)))
        for row in large:
            self._add_large_body(row)

    def _add_large_body(self, row: IntakeRow) -> None:
        incoming = Incoming(self._server.data)
        try:
            length, pieces = incoming.size(row.body_file), incoming.pieces(row.body_file)
            first = next(pieces, b"")
        except StorageError:
            self._gone[row.position] = row.body_file
            return
        self._archive.add_pieces(f"{DIRECTORY}/{row.body_file}", length, chain([first], pieces))

    def _make_sure_of_large_bodies(self) -> None:
        """Raise StorageError when a body is missing that was still waiting when the view of the tables began."""
        missing = [name for position, name in self._gone.items() if position > self.manifest["stored_up_to"]]
        if missing:
            raise StorageError(
                f"The large body {missing[0]} of a waiting report is missing: run crashdesk server check."
            )

    def _add_tables(self) -> dict[str, int]:
        """Write every table, and the intake of all nodes, as one unmoving view shows them; return numbers of rows."""
        from django.apps import apps

        from crashdesk.server.operations.backup import positions, rows, snapshot

        counts: dict[str, dict[str, Any]] = {}
        with snapshot.unmoving():
            self.manifest |= positions.facts(self._server, self._received_here)
            shared = self._add_lines(SHARED, map(waiting.line, positions.shared_rows()))
            for model in rows.tables(apps):
                label = model._meta.label_lower  # noqa: SLF001 - Django's documented way to a model's name
                count = self._add_chunks(f"{TABLES}/{label}", rows.dump(model))
                counts[label] = {"rows": count, "columns": [field.attname for field in rows.columns(model)]}
            self.manifest |= {"tables": counts, "sequences": snapshot.sequences(apps)}
        rows_of_all = sum(entry["rows"] for entry in counts.values())
        return {"rows": rows_of_all, "waiting": shared + self.manifest["waiting_here"]}

    def _add_lines(self, folder: str, found: Iterable[bytes]) -> int:
        return self._add_chunks(folder, lines.chunks(found))

    def _add_chunks(self, folder: str, chunks: Iterator[tuple[bytes, int]]) -> int:
        count = 0
        for number, (chunk, rows) in enumerate(chunks, start=1):
            self._archive.add(f"{folder}/{number:06d}.jsonl", chunk)
            count += rows
            self._progress.note(f"{folder}: {count} rows")
        return count

    def _add_blobs(self) -> int:
        """Write the files of the blob store as they lie there; return how many there are."""
        from crashdesk.server.events.bodies import blobs

        store, count = blobs(), 0
        for name, length in store.objects():
            self._archive.add_pieces(f"{BLOBS}/{name}", length, store.export(name, length))
            count += 1
            self._progress.note(f"bodies and files: {count} copied, {self._archive.bytes_written} bytes in all")
        return count


def _noting_large(rows: Iterable[IntakeRow], large: list[IntakeRow]) -> Iterator[IntakeRow]:
    """Pass `rows` on and remember, without their bytes, those whose body lies in a file."""
    for row in rows:
        if row.body_file:
            large.append(row)
        yield row

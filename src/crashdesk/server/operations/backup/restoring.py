"""``server restore``: a server out of a backup, in an empty directory and database.

The file is read twice: once to see that it is whole, once to restore. Everything is made beside the directory that was
named and gets its name last; rows of another database are committed at the end in one transaction. What fails in
between leaves nothing.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crashdesk import clock, settings
from crashdesk.errors import StorageError, UsageError
from crashdesk.server.boot import start_django
from crashdesk.server.installation import FACTS, Installation, prepare_directory
from crashdesk.server.intake import postgres
from crashdesk.server.operations.backup import facts
from crashdesk.server.operations.backup.archive import HEADER, Member, Reader
from crashdesk.server.operations.backup.progress import Progress, Say


@dataclass(frozen=True, slots=True)
class Order:
    """Which backup goes where; without a database or a place for bodies they lie in the directory."""

    file: Path
    data: Path
    database: str | None
    blobs: str | None
    url: str | None


def restore(order: Order, say: Say) -> dict[str, Any]:
    """Restore and return what was; raises UsageError or StorageError and leaves nothing half."""
    began = clock.monotonic()
    for name, text in (("database", order.database), ("blobs", order.blobs)):
        if text is not None:
            settings.use_flag(name, text)
    with Reader(order.file) as reader:
        say("reading the whole backup to see that it can be trusted")
        manifest = reader.verify()
        _refuse_unless_empty(order.data)
        with _directory_that_appears(order.data) as directory:
            counts = _fill(reader, manifest, directory, order, say)
    return {"data": str(order.data), **counts, "seconds": round(clock.monotonic() - began, 1)}


def _fill(reader: Reader, manifest: dict[str, Any], directory: Path, order: Order, say: Say) -> dict[str, Any]:
    """Fill the directory, and the database and object store where others are named."""
    members = reader.members()
    server = _begin(members, directory, order.url)
    start_django(directory)
    from crashdesk.server.operations.backup.filling import Filling  # after Django's start, as below

    filling = Filling(server, manifest, Progress(say))
    with _database_that_was_empty(server):
        counts = filling.fill(members)
    facts.note_store(directory)
    return {"url": server.url, **counts}


def _begin(members: Iterator[Member], directory: Path, url: str | None) -> Installation:
    """Write what Django needs for its start: the server's facts, which are the first member behind the header."""
    for member in members:
        if member.name == HEADER:
            continue
        if member.name != FACTS:
            break
        server = facts.restored(member.file.read(), directory, url)
        if getattr(server, "database", ""):
            postgres.check(server.database)
        server.write()
        return server
    raise StorageError("The backup does not say whose it is: use another one.")


def _refuse_unless_empty(data: Path) -> None:
    try:
        is_empty = not data.exists() or not any(data.iterdir())
    except NotADirectoryError:
        is_empty = False
    except OSError as error:
        raise StorageError(f"{data} cannot be read ({error.strerror}).") from error
    if not is_empty:
        raise UsageError(f"{data} is not empty: name a directory that is empty or not there yet.")


@contextmanager
def _directory_that_appears(data: Path) -> Iterator[Path]:
    """Yield a private directory beside `data` that becomes it, synced, when the block succeeds; else it goes."""
    directory = data.with_name(f".{data.name}.restoring")
    try:
        data.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(directory, ignore_errors=True)  # of a restore that was killed
        prepare_directory(directory)
        yield directory
        _sync_tree(directory)
        directory.replace(data)
        _sync(data.parent)
    except OSError as error:
        raise StorageError(f"{data} cannot be made ({error.strerror or error}).") from error
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def _database_that_was_empty(server: Installation) -> Iterator[None]:
    """Refuse a database with tables; drop what the block made when it fails, so that it is empty again."""
    from django.db import Error, connection

    try:
        if connection.introspection.table_names():
            raise UsageError("The database has tables already: restore needs one that is empty.")
        try:
            yield
        except BaseException:
            if connection.vendor == "postgresql":
                _drop_all()
            raise
    except Error as error:
        raise StorageError(f"The database of {server.data} cannot be filled ({error}).") from error
    finally:
        connection.close()


def _drop_all() -> None:
    from django.db import connection

    connection.close()
    quoted = [connection.ops.quote_name(name) for name in connection.introspection.table_names()]
    if quoted:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {', '.join(quoted)} CASCADE")


def _sync_tree(directory: Path) -> None:
    for parent, _, files in os.walk(directory):
        for name in files:
            _sync(Path(parent) / name)
        _sync(Path(parent))


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

"""What the collector stands on: the keys, the intake's file, and what takes its rows further, on either database."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from crashdesk import logs, settings
from crashdesk.server.collector.committer import Committer, OwnRows
from crashdesk.server.collector.cursor import SafeCursor
from crashdesk.server.collector.keys import Keys, KeyTable
from crashdesk.server.collector.shared_keys import SharedKeys
from crashdesk.server.installation import Installation
from crashdesk.server.intake.blobs import BlobStore, Place, open_blobs
from crashdesk.server.intake.incoming import Incoming
from crashdesk.server.intake.mover import Mover, Route
from crashdesk.server.intake.queue import IntakeWriter

log = logs.logger("collector")


@dataclass(frozen=True, slots=True)
class Receiving:
    """The keys that let reports in, and who stores them."""

    keys: Keys
    committer: Committer


@contextmanager
def receiving(server: Installation, wake: Callable[[], None], own: OwnRows | None = None) -> Iterator[Receiving]:
    """Open everything for the length of the block; `wake` tells this machine's processor of work.

    `own` is what the collector itself has to say in a row now and then.
    """
    with ExitStack() as stack:
        yield (_on_postgres if server.database else _on_sqlite)(server, wake, own, stack)


def _on_sqlite(server: Installation, wake: Callable[[], None], own: OwnRows | None, stack: ExitStack) -> Receiving:
    """Open what a single machine needs: its processor reads the file, and its cursor says what may be forgotten."""
    keys = KeyTable.open(server.main)
    stack.callback(keys.close)
    cursor = SafeCursor(server.main)
    stack.callback(cursor.close)
    committer = Committer(_writer(server, cursor.position(), stack), wake, cursor.position, own)
    return Receiving(keys, _started(committer, stack))


def _on_postgres(server: Installation, wake: Callable[[], None], own: OwnRows | None, stack: ExitStack) -> Receiving:
    """Open what one of many nodes needs: a mover hands rows on to all, and its mark says what may be forgotten."""
    keys = SharedKeys(server.database, server.data)
    keys.start()
    stack.callback(keys.close)
    writer = _writer(server, 0, stack)
    mover = Mover(Route(server.intake, Incoming(server.data), server.database, lambda: _blobs(server)), wake)
    mover.start()
    stack.callback(mover.stop)  # after the committer's end, so that the last reports are handed on too
    return Receiving(keys, _started(Committer(writer, mover.wake, mover.position, own), stack))


def _writer(server: Installation, beyond: int, stack: ExitStack) -> IntakeWriter:
    """Open the intake's file; what a crash left beside it goes."""
    writer = IntakeWriter.open(server.intake, beyond=beyond, bodies=Incoming(server.data))
    stack.callback(writer.close)
    if strays := writer.sweep():
        log.info("removed %d large bodies that a crash had left unfinished", strays)
    return writer


def _started(committer: Committer, stack: ExitStack) -> Committer:
    committer.start()
    stack.callback(committer.stop)
    return committer


def _blobs(server: Installation) -> BlobStore:
    value = settings.value
    return open_blobs(Place(server.blobs, value("blobs"), value("blobs_endpoint"), value("blobs_region")))

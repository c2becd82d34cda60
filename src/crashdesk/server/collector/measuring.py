"""Gathers the figures of this node for /metrics: the collector's own, the processor's file, disk, intake, database."""

import shutil
from contextlib import closing
from dataclasses import dataclass

from crashdesk import clock
from crashdesk.errors import StorageError
from crashdesk.server import figures
from crashdesk.server.collector.body import Memory
from crashdesk.server.collector.committer import Committer
from crashdesk.server.collector.counters import Counters
from crashdesk.server.collector.cursor import read_cursor
from crashdesk.server.collector.metrics import Value
from crashdesk.server.installation import Installation, status_of
from crashdesk.server.intake import postgres, sqlite
from crashdesk.server.intake.spool import Spool

_SHARED = "SELECT count(*), min(received_at) FROM intake"
_MARK = "SELECT position FROM intake_marker WHERE source = %s"


@dataclass(frozen=True, slots=True)
class Own:
    """What the collector counts by itself."""

    counters: Counters
    committer: Committer
    memory: Memory


@dataclass(frozen=True, slots=True)
class _Waiting:
    """How many reports wait, since when the oldest does (seconds since 1970), and whether the database answered."""

    count: int
    oldest: float | None
    is_database_up: bool


def gather(server: Installation, own: Own) -> dict[str, Value]:
    """Return the value of each metric; may take a while when the database is away, so call it on a thread."""
    values = _of_collector(own) | _of_processor(server) | _of_parts(server)
    values["crashdesk_disk_free_bytes"] = float(shutil.disk_usage(server.data).free)
    waiting = _waiting(server)
    values["crashdesk_database_up"] = float(waiting.is_database_up)
    if waiting.is_database_up:
        age = max(0.0, clock.timestamp() - waiting.oldest) if waiting.oldest else 0.0
        values |= {"crashdesk_intake_waiting": float(waiting.count), "crashdesk_intake_oldest_seconds": age}
    return values


def _of_collector(own: Own) -> dict[str, Value]:
    counters, committer = own.counters, own.committer
    refused = dict(counters.refused)
    return {
        "crashdesk_reports_received": float(counters.accepted + sum(refused.values())),
        "crashdesk_reports_accepted": float(counters.accepted),
        "crashdesk_reports_accepted_bytes": float(counters.accepted_bytes),
        "crashdesk_reports_refused": {reason: float(number) for reason, number in refused.items()},
        "crashdesk_items_limited": {reason: float(number) for reason, number in dict(counters.limited).items()},
        "crashdesk_reports_streamed": float(counters.streamed),
        "crashdesk_commit_seconds": (committer.durations.buckets(), committer.durations.seconds),
        "crashdesk_commit_rows": float(committer.rows),
        "crashdesk_commits_waiting": float(committer.waiting),
        "crashdesk_bodies_in_memory_bytes": float(own.memory.held_bytes),
    }


def _of_processor(server: Installation) -> dict[str, Value]:
    found = figures.read(server.data, "processor")
    if found is None:
        return {}
    return {
        "crashdesk_reports_processed": float(found.counts["processed"]),
        "crashdesk_reports_failed": float(found.counts["failed"]),
        "crashdesk_batch_seconds": (found.batches.buckets(), found.batches.seconds),
        "crashdesk_issues": float(found.counts["issues"]),
    }


def _of_parts(server: Installation) -> dict[str, Value]:
    parts = status_of(server.data)
    return {
        "crashdesk_part_up": {name: float(part.get("state") == "ready") for name, part in parts.items()},
        "crashdesk_part_restarts": {name: float(part.get("restarts", 0)) for name, part in parts.items()},
    }


def _waiting(server: Installation) -> _Waiting:
    """Look at the intake of this machine, and at that of all nodes on PostgreSQL."""
    spool = Spool(server.intake)
    with closing(spool):
        try:
            return _on_postgres(server, spool) if server.database else _on_sqlite(server, spool)
        except (StorageError, sqlite.library().Error):
            return _Waiting(0, None, is_database_up=False)


def _on_sqlite(server: Installation, spool: Spool) -> _Waiting:
    with closing(sqlite.open_for_reading(server.main)) as main:
        position = read_cursor(main)
    return _Waiting(spool.waiting(position), _oldest(spool, position), is_database_up=True)


def _on_postgres(server: Installation, spool: Spool) -> _Waiting:
    try:
        with postgres.connect(server.database, "metrics") as connection:
            marked = connection.execute(_MARK, (spool.source(),)).fetchone()
            count, oldest = connection.execute(_SHARED).fetchone() or (0, None)
    except postgres.library().Error as error:
        raise StorageError(postgres.reason_of(error)) from error
    position = int(marked[0]) if marked else 0
    since = min(filter(None, (oldest, _oldest(spool, position))), default=None)
    return _Waiting(int(count) + spool.waiting(position), since, is_database_up=True)


def _oldest(spool: Spool, position: int) -> float | None:
    rows = spool.after(position, 1)
    return rows[0].received_at if rows else None

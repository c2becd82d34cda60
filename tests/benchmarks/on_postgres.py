"""Our server with its data in PostgreSQL, on a cluster of its own that syncs as PostgreSQL does by default."""

from contextlib import ExitStack
from pathlib import Path

from benchmarks.processes import bytes_below
from benchmarks.products import Crashdesk
from support import postgres

_DURABLE = {"fsync": "on", "full_page_writes": "on", "shared_buffers": "128MB", "autovacuum_naptime": "60s"}


class CrashdeskOnPostgres(Crashdesk):
    """The whole server on one node; the processes of PostgreSQL count as part of digesting."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self._kept = ExitStack()
        self._cluster: postgres.Cluster | None = None

    def start(self) -> None:
        postgres._SETTINGS.update(_DURABLE)
        self._cluster = self._kept.enter_context(postgres.own_cluster())
        self.directory.mkdir(parents=True, exist_ok=True)
        self._start_with("--database", self._cluster.url())

    def stop(self) -> None:
        super().stop()
        self._kept.close()

    def parts(self) -> dict[str, list[int]]:
        assert self._cluster is not None
        assert self._cluster.process is not None
        found = super().parts()
        return found | {"digest": [*found["digest"], self._cluster.process.pid]}

    def bytes(self) -> int:
        """Return what the server's files and those of the database take."""
        assert self._cluster is not None
        return super().bytes() + bytes_below(self._cluster.directory)

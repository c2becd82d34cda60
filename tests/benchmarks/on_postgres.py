"""Our server with its data in PostgreSQL, on a cluster of its own that syncs as PostgreSQL does by default."""

import os
from contextlib import ExitStack
from pathlib import Path

from benchmarks.processes import bytes_below
from benchmarks.products import Crashdesk
from support import postgres

_DURABLE = {"fsync": "on", "full_page_writes": "on", "shared_buffers": "128MB", "autovacuum_naptime": "60s"}


class CrashdeskOnPostgres(Crashdesk):
    """The whole server on one node; PostgreSQL is a part of its own, ``database``."""

    def __init__(self, directory: Path, port: str | None = None, kept: Path | None = None) -> None:
        """`kept` is where the database stays; without it, it goes when the server is stopped."""
        super().__init__(directory, port)
        self._kept = kept
        self._leaving = ExitStack()
        self._cluster: postgres.Cluster | None = None

    def start(self) -> None:
        self._start_cluster()
        self._start_with("--database", self._cluster.url())

    def resume(self, identity: dict[str, str]) -> None:
        if identity:
            self._start_cluster()
        super().resume(identity)

    def stop(self) -> None:
        super().stop()
        self._leaving.close()

    def _start_cluster(self) -> None:
        postgres._SETTINGS.update(_DURABLE)
        if self._kept is None:
            self._cluster = self._leaving.enter_context(postgres.own_cluster())
        else:
            self._cluster = _cluster_in(self._kept)
            self._leaving.callback(self._cluster.stop)
            self._cluster.start()

    def parts(self) -> dict[str, list[int]]:
        assert self._cluster is not None
        assert self._cluster.process is not None
        found = super().parts()
        return found | {"database": [self._cluster.process.pid]}

    def bytes(self) -> int:
        """Return what the server's files and those of the database take."""
        assert self._cluster is not None
        return super().bytes() + bytes_below(self._cluster.directory)


def _cluster_in(directory: Path) -> postgres.Cluster:
    """Return the cluster that lies in `directory`, made when it is not there; its path must be short."""
    account = postgres._other_account() if os.geteuid() == 0 else None
    directory.mkdir(parents=True, exist_ok=True)
    directory.chmod(0o755)
    if account is not None:
        os.chown(directory, account.pw_uid, account.pw_gid)
    copied = directory / "programs" / "bin"
    binaries = copied if copied.exists() else postgres._binaries(directory, account)
    found = postgres.Cluster(directory, account, binaries)
    if not (directory / "data").exists():
        found.make()
    return found

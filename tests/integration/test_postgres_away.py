"""PostgreSQL or the object store ends, is killed or stays away under load: reports are taken, later stored once."""

import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest
from moto.server import ThreadedMotoServer

from support.object_stores import KEYS, new_bucket
from support.postgres import Cluster, own_cluster
from support.sent import Ledger, new_report
from support.servers import Server, free_port, running_server
from support.storms import inventory, nothing_is_wrong, storm, until_processed
from support.waiting import until

SEED = int(os.environ.get("CRASHDESK_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
RESTARTS_IN_A_ROUND = 3
SILENT_END = signal.SIGKILL


@contextmanager
def server_on_own_postgres(tmp_path: Path) -> Iterator[tuple[Server, Cluster]]:
    """Yield a server and the PostgreSQL that nobody else uses."""
    with own_cluster() as cluster:
        cluster.run("CREATE DATABASE crashdesk")
        server = Server(
            tmp_path / "server",
            free_port(),
            environment={"CRASHDESK_QUOTAS": "off"},
            database=cluster.url("crashdesk"),
        )
        try:
            server.init()
            server.start()
            yield server, cluster
        finally:
            server.close()


def end(cluster: Cluster, how: signal.Signals) -> None:
    """End PostgreSQL; one that is killed leaves processes that notice it by and by."""
    assert cluster.process is not None
    children = _children(cluster.process.pid)
    cluster.stop(how)
    until(lambda: not any(Path(f"/proc/{child}").exists() for child in children), 30, "PostgreSQL to be gone")


def _children(process: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def play_round(server: Server, cluster: Cluster, ledger: Ledger, seed: int) -> None:
    """Take PostgreSQL away and back under load."""
    roll, ends = random.Random(seed), []
    with storm([server], ledger, seed):
        for _ in range(RESTARTS_IN_A_ROUND):
            Event().wait(roll.uniform(0.1, 0.6))
            ends.append(roll.choice([signal.SIGQUIT, signal.SIGINT, SILENT_END]))
            end(cluster, ends[-1])
            Event().wait(roll.uniform(0.0, 0.8))
            cluster.start()
    print(f"seed {seed}: {len(ledger.acknowledged)} acknowledged by now, PostgreSQL ended by {[e.name for e in ends]}")


@pytest.mark.timeout(1800)
def test_postgres_restarts_under_load_and_every_report_is_taken_and_stored_once(tmp_path, is_long):
    print(f"seed {SEED}; CRASHDESK_SEED repeats it")
    ledger = Ledger()
    with server_on_own_postgres(tmp_path) as (server, cluster):
        for number in range(20 if is_long else 1):
            play_round(server, cluster, ledger, SEED + number)
        nothing_is_wrong([server], ledger)
    assert set(ledger.statuses) == {200}, ledger.statuses


@pytest.mark.timeout(300)
def test_while_postgres_is_away_reports_are_taken_and_later_stored_in_their_order(tmp_path):
    ledger, roll = Ledger(), random.Random(SEED)
    reports = [new_report(roll, roll.choice(["small", "large"])) for _ in range(30)]
    with server_on_own_postgres(tmp_path) as (server, cluster):
        assert ledger.post(server, new_report(roll))
        until_processed([server])
        end(cluster, signal.SIGQUIT)
        assert all(ledger.post(server, report) for report in reports[:20])
        server.kill("collector")
        until(lambda: ledger.post(server, reports[20]), 5, "the collector, started again, to take reports by itself")
        assert all(ledger.post(server, report) for report in reports[21:])
        cluster.start()
        nothing_is_wrong([server], ledger)
        stored = [found for found in inventory(server)["events"] if found in {report.event_id for report in reports}]
        assert stored == [report.event_id for report in reports]


@pytest.mark.timeout(300)
def test_a_server_that_starts_while_postgres_is_away_takes_reports_at_once(tmp_path):
    ledger, roll = Ledger(), random.Random(SEED)
    with server_on_own_postgres(tmp_path) as (server, cluster):
        assert ledger.post(server, new_report(roll))
        end(cluster, signal.SIGQUIT)
        server.kill_all()
        begun = time.monotonic()
        server.start(is_awaited=False)
        until(
            lambda: ledger.post(server, new_report(roll)), 20, lambda: f"reports to be taken:\n{server.log()[-2000:]}"
        )
        assert time.monotonic() - begun < 5
        cluster.start()
        nothing_is_wrong([server], ledger)


@pytest.mark.timeout(300)
def test_while_the_object_store_is_away_reports_are_taken_and_later_stored(tmp_path):
    ledger = Ledger()
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    store = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    store.start()
    place = {"CRASHDESK_BLOBS": f"s3://{new_bucket(address)}/crashdesk", "CRASHDESK_BLOBS_ENDPOINT": address}
    try:
        with running_server(tmp_path, on_postgres=True, CRASHDESK_QUOTAS="off", **KEYS, **place) as server:
            with storm([server], ledger, SEED):
                Event().wait(0.3)
                store.stop()
                Event().wait(1.5)
                store = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
                store.start()
            nothing_is_wrong([server], ledger)
    finally:
        store.stop()
    assert set(ledger.statuses) == {200}, ledger.statuses

"""The disk is full: nothing is acknowledged that is not stored, nothing stored is harmed, and space heals it all."""

import os
import random
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest

from crashdesk.protocol.dsn import Dsn
from support.intakes import envelope_bytes
from support.sent import Ledger, new_report
from support.servers import Server, server_away
from support.small_disks import SmallDisk, small_disk
from support.storms import inventory, nothing_is_wrong, storm, until_processed
from support.waiting import until

SEED = int(os.environ.get("CRASHDESK_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
DISK_BYTES = 256 * 1024 * 1024  # ample for what a round sends, once the ballast is gone
RESERVE_BYTES = 16_000_000
WITH_RESERVE = f"reserve_bytes={RESERVE_BYTES}"
WITHOUT_RESERVE = "reserve_bytes=1"  # so that the disk itself says no, at whatever moment
DATABASES = pytest.mark.parametrize("database", ["sqlite", "postgresql"])


@contextmanager
def server_on_small_disk(tmp_path: Path, database: str, limits: str) -> Iterator[tuple[Server, SmallDisk]]:
    """Yield a server whose data directory is all that its disk has room for."""
    environment = {"CRASHDESK_QUOTAS": "off", "CRASHDESK_LIMITS": limits}
    with (
        server_away(tmp_path, on_postgres=database == "postgresql", **environment) as server,
        small_disk(tmp_path / "disk", server.data, DISK_BYTES) as disk,
    ):
        server.data, server.prefix, server.root = tmp_path / "disk" / "server", disk.prefix, disk.root
        try:
            server.start()
            yield server, disk
        finally:
            server.close()


def send(server: Server, ledger: Ledger, roll: random.Random, number: int) -> int:
    """Post that many reports once; return how many were taken."""
    return sum(ledger.post(server, new_report(roll)) for _ in range(number))


def health(server: Server) -> int:
    return server.get("/health/ready")[0]


@pytest.mark.timeout(300)
@DATABASES
def test_below_the_reserve_reports_are_sent_away_and_space_heals_it_without_a_restart(tmp_path, database):
    print(f"seed {SEED}; CRASHDESK_SEED repeats it")
    ledger, roll = Ledger(), random.Random(SEED)
    with server_on_small_disk(tmp_path, database, WITH_RESERVE) as (server, disk):
        assert send(server, ledger, roll, 30) == 30
        until_processed([server])
        stored, pids = inventory(server), server.pids()
        disk.fill(RESERVE_BYTES // 2)
        until(lambda: health(server) == 503, what="the health check to say no")
        assert send(server, ledger, roll, 30) == 0
        assert set(ledger.statuses) == {200, 503}
        assert inventory(server) == stored
        disk.make_room()
        until(lambda: send(server, ledger, roll, 1) == 1, 20, "reports to be taken again")
        assert send(server, ledger, roll, 30) == 30
        nothing_is_wrong([server], ledger)
        assert server.pids() == pids
        assert health(server) == 200


def test_who_is_sent_away_is_told_when_to_come_again(tmp_path):
    with server_on_small_disk(tmp_path, "sqlite", WITH_RESERVE) as (server, disk):
        disk.fill()
        auth = {"X-Sentry-Auth": Dsn.parse(server.dsn).auth_header("test/1")}
        until(lambda: server.post("/api/1/envelope/", envelope_bytes(), auth)[0] == 503)
        status, _, headers = server.ask("/api/1/envelope/", envelope_bytes(), auth)
        assert (status, headers["Retry-After"], headers["X-Sentry-Error"]) == (503, "30", "storage_full")


@pytest.mark.timeout(300)
def test_the_health_check_says_yes_again_once_there_is_space_though_nobody_sends(tmp_path):
    """Who is asked by it whether to send anything here would never send again."""
    ledger, roll = Ledger(), random.Random(SEED)
    with server_on_small_disk(tmp_path, "sqlite", WITHOUT_RESERVE) as (server, disk):
        disk.fill(20_000)
        until(lambda: not ledger.post(server, new_report(roll, "small")), what="the intake to find the disk full")
        disk.make_room()
        killed = server.kill("processor")
        until(lambda: "processor" not in server.pids() or server.pids()["processor"] != killed)

        def is_back_on_a_full_disk() -> bool:
            disk.fill()
            return server.log().count("the processor is ready") == 2

        until(is_back_on_a_full_disk, what="another processor")
        disk.make_room()
        until(lambda: health(server) == 200, 20, lambda: f"all to be well: {server.get('/health/ready')}")
        assert server.pids()["processor"] != killed
        nothing_is_wrong([server], ledger)


def play_round(server: Server, disk: SmallDisk, ledger: Ledger, seed: int) -> None:
    """Let the disk run full under load, to the last byte or nearly, and give space back; a part may be killed in it."""
    roll = random.Random(seed)
    with storm([server], ledger, seed):
        for _ in range(3):
            Event().wait(roll.uniform(0.05, 0.4))
            disk.fill(roll.choice([0, 0, 4096, 100_000, 1_000_000]))
            Event().wait(roll.uniform(0.2, 0.8))
            if roll.random() < 0.3:
                server.kill(roll.choice(["collector", "processor"]))
            disk.make_room()
    said = server.log()
    print(
        f"seed {seed}: {len(ledger.acknowledged)} of {len(ledger.sent)} acknowledged, answers {dict(ledger.statuses)}, "
        f"disk full for the intake {said.count('answered with 503')}, "
        f"for the processor {said.count('Processing waits')}"
    )


@pytest.mark.timeout(1800)
@DATABASES
def test_a_disk_that_runs_full_at_any_moment_loses_and_doubles_nothing(tmp_path, is_long, database):
    for number in range(20 if is_long else 1):
        ledger = Ledger()
        (tmp_path / f"{number}").mkdir()
        with server_on_small_disk(tmp_path / f"{number}", database, WITHOUT_RESERVE) as (server, disk):
            play_round(server, disk, ledger, SEED + number)
            nothing_is_wrong([server], ledger)
        assert set(ledger.statuses) <= {200, 503, 0}, server.log()[-3000:]


@pytest.mark.timeout(300)
def test_the_processor_waits_for_space_and_then_goes_on(tmp_path):
    ledger, roll = Ledger(), random.Random(SEED)
    with server_on_small_disk(tmp_path, "sqlite", WITHOUT_RESERVE) as (server, disk):
        processor = server.pids()["processor"]
        os.kill(processor, signal.SIGSTOP)
        assert send(server, ledger, roll, 40) == 40
        disk.fill()
        os.kill(processor, signal.SIGCONT)
        until(lambda: "Processing waits" in server.log(), what="the processor to notice")
        assert health(server) == 503
        assert server.kill("processor") == processor
        until(lambda: server.pids().get("processor", processor) != processor or "SIGKILL" in server.log())
        disk.make_room()
        nothing_is_wrong([server], ledger)

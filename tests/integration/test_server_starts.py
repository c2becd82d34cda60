"""Starts that go wrong: tables half made, two servers at once, and what a crash left lying about."""

import json
import os
import random
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest

from support.postgres import fresh_database
from support.sent import Ledger, new_report
from support.servers import ADMIN_EMAIL, ADMIN_PASSWORD, Server, free_port, server_away, server_command
from support.storms import nothing_is_wrong
from support.waiting import until

SEED = int(os.environ.get("CRASHDESK_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
DATABASES = pytest.mark.parametrize("database", ["sqlite", "postgresql"])


@contextmanager
def not_yet_made(tmp_path: Path, database: str) -> Iterator[Server]:
    """Yield a server of which nothing is there, its database neither."""
    with fresh_database() if database == "postgresql" else nullcontext("") as url:
        server = Server(tmp_path / "server", free_port(), environment={"CRASHDESK_QUOTAS": "off"}, database=url)
        try:
            yield server
        finally:
            server.close()


def starting_init(server: Server, *instead: str) -> "subprocess.Popen[bytes]":
    """Start ``server init``, or `instead` of the usual program one that takes the same words."""
    password = server.data.with_name("password")
    password.write_text(ADMIN_PASSWORD)
    words = server_command(
        "init", "--data", server.data, "--url", server.url, "--project", "default", "--admin-email", ADMIN_EMAIL,
        "--admin-password-file", password, "--json", *(["--database", server.database] if server.database else []),
    )  # fmt: skip
    python, *usual = words
    place = usual.index("server")
    return subprocess.Popen(
        [python, *(instead or usual[:place]), *usual[place:]],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def kill_after(process: "subprocess.Popen[bytes]", seconds: float) -> bool:
    """Kill a command that long after its start; return whether it was still at work."""
    try:
        process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return True
    return False


@pytest.mark.timeout(600)
@DATABASES
def test_a_server_whose_making_was_killed_again_and_again_is_completed_by_the_next_try(tmp_path, is_long, database):
    print(f"seed {SEED}; CRASHDESK_SEED repeats it")
    roll, ledger, killed = random.Random(SEED), Ledger(), 0
    with not_yet_made(tmp_path, database) as server:
        for _ in range(20 if is_long else 3):
            killed += kill_after(starting_init(server), roll.uniform(0.8, 2.5))
        server.init()
        server.start()
        assert ledger.post(server, new_report(roll))
        nothing_is_wrong([server], ledger)
    print(f"seed {SEED}: killed {killed} times")


_DIES_BEFORE_A_RECORD = """
import os, sys
from django.db.migrations.executor import MigrationExecutor
record, left = MigrationExecutor.record_migration, [int(sys.argv.pop(1))]

def dies(self, migration):
    left[0] -= 1
    if not left[0]:
        os._exit(9)
    record(self, migration)

MigrationExecutor.record_migration = dies
from crashdesk.__main__ import main
sys.exit(main())
"""


@DATABASES
def test_who_dies_between_tables_and_their_record_leaves_none(tmp_path, database):
    with not_yet_made(tmp_path, database) as server:
        for number in (1, 2, 20):
            command = starting_init(server, "-c", _DIES_BEFORE_A_RECORD, str(number))
            assert (command.communicate()[0], command.returncode) == (b"", 9)
        server.init()


def test_two_machines_that_make_the_same_server_at_once_agree(tmp_path):
    with not_yet_made(tmp_path, "postgresql") as server:
        other = Server(tmp_path / "other", free_port(), database=server.database)
        tries = [starting_init(server), starting_init(other)]
        told = [process.communicate(timeout=60) for process in tries]
        assert [process.returncode for process in tries] == [0, 0], told
        first, second = (json.loads(out) for out, _ in told)
        assert first["dsn"].partition("@")[0] == second["dsn"].partition("@")[0]


@pytest.mark.timeout(300)
def test_of_two_servers_that_start_at_once_one_serves_and_the_other_says_why_not(tmp_path, is_long):
    ledger, roll = Ledger(), random.Random(SEED)
    with server_away(tmp_path, CRASHDESK_QUOTAS="off") as server:
        rival = Server(server.data, free_port(), server.dsn, server.token, environment=server.environment)
        for _ in range(20 if is_long else 2):
            (server.data / "schema.json").unlink(missing_ok=True)  # so that both want to look after the tables
            winner, said = one_of(server, rival)
            assert "already running" in said
            assert ledger.post(winner, new_report(roll))
            nothing_is_wrong([winner], ledger)
            winner.stop()


def one_of(*servers: Server) -> tuple[Server, str]:
    """Start servers on one directory at once; return the one that serves, and what the log says."""
    try:
        for server in servers:
            server.start(is_awaited=False)
        loser = until(lambda: next((one for one in servers if one.process and one.process.poll() is not None), None))
        assert loser.process
        assert loser.process.returncode == 2
        [winner] = [server for server in servers if server is not loser]
        winner.wait_until_ready()
    except BaseException:
        for server in servers:
            server.close()
        raise
    return winner, winner.log()


def test_what_crashes_left_lying_about_is_found_at_the_start_removed_and_told(tmp_path):
    ledger, roll = Ledger(), random.Random(SEED)
    with server_away(tmp_path, CRASHDESK_QUOTAS="off") as server:
        server.start()
        assert all(ledger.post(server, new_report(roll, kind)) for kind in ("large", "files", "small"))
        nothing_is_wrong([server], ledger)
        server.kill_all()
        strays = [
            server.data / "incoming" / f"{'ab' * 16}.body",
            server.data / "blobs" / "large" / "ab" / f"{'ab' * 16}.new",
        ]
        for stray in strays:
            stray.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            stray.write_bytes(b"half")
            os.utime(stray, (1_700_000_000, 1_700_000_000))
        torn = max((server.data / "blobs").glob("*.pack"))
        with torn.open("ab") as pack:
            pack.write(torn.read_bytes()[:100])
        (server.data / ".status.json.new").write_bytes(b"half")
        server.start()
        until(lambda: not any(stray.exists() for stray in strays), what="what lay about to be removed")
        until(lambda: "removed 1 large bodies that a crash had left unfinished" in server.log())
        until(lambda: "removed 1 files that a crash had left half written" in server.log())
        assert ledger.post(server, new_report(roll, "files"))
        nothing_is_wrong([server], ledger)
        assert not (server.data / ".status.json.new").exists()

"""A backup is taken while reports of every kind come in, restored elsewhere, and told to be what it claims."""

import os
import random
import subprocess
from contextlib import nullcontext
from pathlib import Path
from threading import Event

import pytest

from support.postgres import fresh_database
from support.sent import Ledger, wrong
from support.servers import Server, free_port, running_server, server_command
from support.storms import inventory, nothing_is_wrong, storm, until_processed

SEED = int(os.environ.get("CRASHDESK_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)


def command(*words: object) -> None:
    done = subprocess.run(server_command(*words), capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr


def backup_in_a_storm(server: Server, ledger: Ledger, file: Path) -> set[str]:
    """Take a backup in the midst of it; return what had been acknowledged before."""
    with storm([server], ledger, SEED, senders=4):
        Event().wait(0.7)
        before = set(ledger.acknowledged)
        command("backup", file, "--data", server.data)
        Event().wait(0.2)
    return before


@pytest.mark.timeout(300)
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_backup_under_load_holds_all_that_was_acknowledged_before_and_knows_repeats(tmp_path, database):
    print(f"seed {SEED}; CRASHDESK_SEED repeats it")
    ledger, on_postgres = Ledger(), database == "postgresql"
    with (
        running_server(tmp_path, on_postgres=on_postgres, CRASHDESK_QUOTAS="off") as server,
        fresh_database() if on_postgres else nullcontext("") as url,
    ):
        before = backup_in_a_storm(server, ledger, tmp_path / "desk.backup")
        nothing_is_wrong([server], ledger)
        new = Server(tmp_path / "new", free_port(), server.dsn, server.token, environment=server.environment)
        place = ["--database", url] if on_postgres else []
        command("restore", tmp_path / "desk.backup", "--data", new.data, "--url", new.url, *place)
        try:
            new.start()
            until_processed([new])
            faults = wrong(ledger, inventory(new), before)
            assert not faults, "\n".join(faults[:30])
            assert all(ledger.post(new, report) for report in ledger.sent.values())
            nothing_is_wrong([new], ledger)
        finally:
            new.close()

"""Senders that go on through anything: eight sides post reports of every kind to one server or several."""

import json
import os
import random
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from support.object_stores import KEYS, new_bucket, object_server
from support.recorded import path_of_python
from support.sent import Ledger, new_report, wrong
from support.servers import Server, free_port, server_away
from support.waiting import until

SENDERS = 8
PAUSE_SECONDS = 0.06  # at most, between two reports of one sender: what comes has to be processed in the end
_TESTS = Path(__file__).parent.parent


@contextmanager
def servers_on(tmp_path: Path, database: str) -> Iterator[list[Server]]:
    """Yield the one server of SQLite, or two nodes on one PostgreSQL and one object store."""
    with ExitStack() as stack:
        environment = {"CRASHDESK_QUOTAS": "off"}
        is_shared = database == "postgresql"
        if is_shared:
            environment |= stack.enter_context(bucket())
        first = stack.enter_context(server_away(tmp_path, on_postgres=is_shared, **environment))
        first.start()
        yield [first, stack.enter_context(another_node(first))] if is_shared else [first]


@contextmanager
def bucket() -> Iterator[dict[str, str]]:
    """Yield settings that put bodies into a bucket of their own."""
    with object_server() as address:
        place = {"CRASHDESK_BLOBS": f"s3://{new_bucket(address)}/crashdesk", "CRASHDESK_BLOBS_ENDPOINT": address}
        yield KEYS | place


@contextmanager
def another_node(first: Server) -> Iterator[Server]:
    """Yield another server on the same PostgreSQL, in a directory of its own."""
    data = first.data.with_name("another")
    node = Server(data, free_port(), environment=first.environment, database=first.database)
    try:
        node.init()
        node.dsn, node.token = first.dsn, first.token
        node.start()
        yield node
    finally:
        node.close()


@contextmanager
def storm(servers: Sequence[Server], ledger: Ledger, seed: int, senders: int = SENDERS) -> Iterator[None]:
    """Let reports come in for as long as the block lasts; what is in flight at its end is finished or given up."""
    is_over = threading.Event()
    with ThreadPoolExecutor(senders) as pool:
        works = [
            pool.submit(_keep_sending, servers, ledger, random.Random(f"{seed} {number}"), is_over)
            for number in range(senders)
        ]
        try:
            yield
        finally:
            is_over.set()
        for work in works:
            work.result()


def _keep_sending(servers: Sequence[Server], ledger: Ledger, roll: random.Random, is_over: threading.Event) -> None:
    """Send one report after the other; what is not taken is sent again or given up, some is sent twice."""
    while not is_over.is_set():
        report = new_report(roll)
        is_taken = ledger.post(roll.choice(servers), report)
        if not is_taken and roll.random() < 0.8:
            until(lambda report=report: ledger.post(roll.choice(servers), report) or is_over.is_set(), 60)
        elif roll.random() < 0.1:
            ledger.post(roll.choice(servers), report)
        is_over.wait(roll.uniform(0, PAUSE_SECONDS))


def until_processed(servers: Sequence[Server], seconds: float = 60) -> None:
    """Wait until nothing waits at any of the servers."""
    for server in servers:
        server.wait_until_ready()
        until(
            lambda server=server: waits(server) == 0, seconds, lambda server=server: f"{waits(server)} to be processed"
        )


def waits(server: Server) -> int:
    return int(server.api("installation/stats/")["intake_waiting"])


def inventory(server: Server) -> dict[str, Any]:
    """Return what is stored, as the server's own code finds it in a process of its own."""
    done = subprocess.run(
        [*server.prefix, sys.executable, "-m", "support.inventory", server.data],
        env={**os.environ, **server.environment, "PYTHONPATH": path_of_python(str(_TESTS))},
        capture_output=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr.decode()
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def nothing_is_wrong(servers: Sequence[Server], ledger: Ledger) -> None:
    """Assert that everything acknowledged is stored once and whole, that nothing else is, and that all counts agree."""
    until_processed(servers)
    faults = wrong(ledger, inventory(servers[0]))
    assert not faults, f"{len(faults)} faults:\n" + "\n".join(faults[:30])

"""Product and agent killed at random moments, seeds printed: nothing acknowledged is lost."""

import random
import signal
import subprocess
import sys
from contextlib import suppress

import pytest

from crashdesk.outbox.store import Outbox, State
from support import collectors
from support.collectors import running_collector
from support.waiting import until

PRODUCT = """
import random, sys
if sys.argv[4] == "old":
    sys.modules["pysqlite3"] = None  # a product that has the standard library only
from uuid import UUID
from support.outboxes import ROOMY, new_report
from crashdesk.outbox.store import Outbox
roll = random.Random(int(sys.argv[3]))
outbox = Outbox.open(sys.argv[1], caps=ROOMY)
for _ in range(30):
    event_id = UUID(int=roll.getrandbits(128)).hex
    outbox.put(new_report(event_id, dsn=sys.argv[2], words="x" * roll.randrange(40_000)))
    print(event_id, flush=True)  # the acknowledgement
sys.stdin.read()
"""


def start(*command):
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    return subprocess.Popen([sys.executable, *map(str, command)], text=True, cwd="tests", **pipes)


def kill(process):
    process.send_signal(signal.SIGKILL)
    return process.communicate()[0].splitlines()


def one_round(directory, collector, seed, library):
    """Let both work, kill both; return what the product was told is safe."""
    roll = random.Random(seed)
    collector.next_ones[:] = roll.choices(
        [collectors.accept, collectors.reset, collectors.half_answer, collectors.status(500)], k=20
    )
    product = start("-c", PRODUCT, directory, collector.dsn, seed, library)
    agent = start("-m", "crashdesk", "agent", "--headless", "--data", directory)
    try:
        acknowledged = [product.stdout.readline().strip() for _ in range(roll.randrange(1, 15))]
        answered = len(collector.received) + roll.randrange(3)
        with suppress(AssertionError):  # the agent may be waiting for its next try
            until(lambda: len(collector.received) >= answered, seconds=1.5)
    finally:
        kill(agent)
        acknowledged += [line for line in kill(product) if len(line) == 32]
    return acknowledged


@pytest.mark.timeout(900)
@pytest.mark.parametrize("library", ["new", "old"])
def test_what_was_acknowledged_arrives_whoever_is_killed(tmp_path, is_long, library):
    directory, seed = tmp_path / "outbox", random.SystemRandom().randrange(10**6)
    rounds = 60 if is_long else 5
    print(f"seeds {seed} to {seed + rounds - 1}")
    acknowledged = set()
    with running_collector() as collector:
        for number in range(rounds):
            acknowledged |= set(one_round(directory, collector, seed + number, library))
        collector.next_ones.clear()
        outbox = Outbox.open(directory)
        for report in outbox.reports({State.LATER}):
            outbox.retry(report.id)
        last = start("-m", "crashdesk", "agent", "--headless", "--data", directory, "--until-empty")
        assert last.wait(300) == 0
        last.communicate()
    assert acknowledged <= set(collector.event_ids)
    assert outbox.counter("delivered") == outbox.counter("captured") == len(set(collector.event_ids))
    assert outbox.database.read(lambda c: c.execute("PRAGMA integrity_check").fetchone()[0]) == "ok"

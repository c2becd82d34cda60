"""Product, agent and server processes are killed at exact moments, in seeded order: each report arrives once."""

import json
import os
import random
import signal
import subprocess
import sys
from contextlib import suppress

import pytest

from support.relay import Moment, relay_to
from support.servers import running_server, server_away
from support.waiting import until

SEED = int(os.environ.get("CRASHDESK_SEED", "20261125"))

PRODUCT = """
import os, signal, sys
import crashdesk.sdk as sdk

def right_after_ours(*_):
    print(sdk.last_event_id(), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

sys.excepthook = right_after_ours  # Crashdesk's hook hands over to the one that was there before
sdk.init(sys.argv[1], data_dir=sys.argv[2], product="Host", release="host@1", consent="given", agent="off")

def save():
    raise ValueError("the page is gone")

save()
"""


def crash(dsn, outbox):
    """Let a product crash and be killed in the very hook; return the id it was told."""
    done = subprocess.run([sys.executable, "-c", PRODUCT, dsn, outbox], capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    return done.stdout.strip()


def start_agent(outbox, *options):
    command = [sys.executable, "-m", "crashdesk", "agent", "--headless", "--data", outbox, *options]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def rows(outbox):
    command = [sys.executable, "-m", "crashdesk", "outbox", "list", "--data", outbox, "--json"]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def through(relay, dsn):
    return dsn.replace(dsn.rpartition("@")[2].partition("/")[0], f"127.0.0.1:{relay.port}")


def kill_agent_at(relay, moment, outbox):
    """Start an agent that dies at that moment of its upload."""
    agent = start_agent(outbox)
    relay.arm(moment, agent.kill)
    agent.wait(60)


def kill_server_after_answer(relay, server, part, outbox):
    """Let an agent deliver, and kill a part of the server, or all of it, as soon as the 200 is there."""
    relay.arm(Moment.ANSWERED, server.kill_all if part == "all" else lambda: server.kill(part))
    agent = start_agent(outbox, "--until-empty")
    until(lambda: not relay.is_armed(), 60, f"the answer after which {part} is killed")
    if part == "all":
        server.process.wait()
        server.start(is_awaited=False)
    assert agent.wait(60) == 0


def one_round(relay, server, roll, outbox, dsn):
    event_id = crash(dsn, outbox)
    with suppress(IndexError):
        kill_agent_at(relay, roll.choice([*Moment]), outbox)
    second = crash(dsn, outbox)  # so that there is something to deliver whatever the first agent got done
    kill_server_after_answer(relay, server, roll.choice(["collector", "processor", "web", "all"]), outbox)
    return [event_id, second]


@pytest.mark.timeout(2400)
def test_whatever_is_killed_each_report_arrives_once(tmp_path, is_long):
    rounds = 200 if is_long else 20
    print(f"seed {SEED}, {rounds} rounds; CRASHDESK_SEED repeats them")
    roll = random.Random(SEED)
    ids = []
    with running_server(tmp_path) as server, relay_to(server.port) as relay:
        dsn = through(relay, server.dsn)
        for number in range(rounds):
            ids += one_round(relay, server, roll, tmp_path / f"outbox-{number % 5}", dsn)
        server.wait_until_ready()
        until(lambda: server.api("installation/stats/")["intake_waiting"] == 0, 60)
        (issue,) = server.api(f"projects/main/{server.project}/issues/")
        found = [server.api(f"projects/main/{server.project}/events/{event_id}/")["eventID"] for event_id in ids]
    assert found == ids
    assert (len(set(ids)), int(issue["count"])) == (2 * rounds, 2 * rounds)


def test_a_server_that_comes_after_the_third_failed_try_gets_the_report_once(tmp_path):
    outbox = tmp_path / "outbox"
    with server_away(tmp_path) as server:
        event_id = crash(server.dsn, outbox)
        agent = start_agent(outbox)
        try:
            until(lambda: rows(outbox)[0]["attempts"] >= 3, 60, "three failed tries")
            server.start()
            until(lambda: rows(outbox)[0]["state"] == "done", 60, "the delivery")
        finally:
            agent.kill()
            agent.wait()
        until(lambda: server.api("installation/stats/")["issues"], what="the issue")
        (issue,) = server.api(f"projects/main/{server.project}/issues/")
        assert issue["count"] == "1"
        assert server.api(f"projects/main/{server.project}/events/{event_id}/")["eventID"] == event_id

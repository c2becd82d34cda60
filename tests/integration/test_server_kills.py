"""kill -9 of any process of the server while reports come in: what was answered 2xx is stored, each report once."""

import os
import random
import time
from statistics import median
from threading import Event

import pytest

from support.sent import Ledger, new_report
from support.servers import Server
from support.storms import nothing_is_wrong, servers_on, storm
from support.waiting import until

SEED = int(os.environ.get("CRASHDESK_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
KILLS_IN_A_ROUND = 4
NO_ANSWER = 0
VICTIMS = ("collector", "processor", "web", "supervisor", "everything")


def kill(server: Server, victim: str) -> float:
    """Kill one process or all, start what nobody else starts; return the seconds until a report is taken again."""
    assert server.process is not None
    if victim in {"supervisor", "everything"}:
        if victim == "everything":
            server.kill_all()
        else:
            server.process.kill()
            server.process.wait()
        begun = time.monotonic()
        server.start(is_awaited=False)
    else:
        begun = time.monotonic()
        server.kill(victim)
    until(lambda: _takes_reports(server), 30, f"{victim} to be back\n{server.log()[-2000:]}")
    return time.monotonic() - begun


def _takes_reports(server: Server) -> bool:
    """Post a report that no ledger holds; start a server whose port its dying predecessor still had."""
    assert server.process is not None
    if server.process.poll() is not None:
        server.start(is_awaited=False)
    return server.get("/health/live")[0] == 200


def play_round(nodes: list[Server], ledger: Ledger, seed: int) -> list[float]:
    """Send from several sides while processes are killed; return how long the server was away each time."""
    roll = random.Random(seed)
    away, victims = [], []
    with storm(nodes, ledger, seed):
        for _ in range(KILLS_IN_A_ROUND):
            Event().wait(roll.uniform(0.02, 0.6))
            victims.append(roll.choice(VICTIMS))
            away.append(kill(roll.choice(nodes), victims[-1]))
    print(f"seed {seed}: {len(ledger.acknowledged)} of {len(ledger.sent)} acknowledged by now, killed {victims}")
    return away


@pytest.mark.timeout(2400)
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_whoever_is_killed_what_was_answered_2xx_is_stored_once(tmp_path, is_long, database):
    ledger, rounds = Ledger(), 20 if is_long else {"sqlite": 2, "postgresql": 1}[database]
    print(f"seed {SEED}; CRASHDESK_SEED repeats it")
    with servers_on(tmp_path, database) as nodes:
        away = [s for number in range(rounds) for s in play_round(nodes, ledger, SEED + number)]
        ledger.post(nodes[0], new_report(random.Random(SEED), "small"))
        nothing_is_wrong(nodes, ledger)
    print(f"answers: {dict(ledger.statuses)}; seconds away: {' '.join(f'{one:.1f}' for one in sorted(away))}")
    assert median(away) < 5
    assert set(ledger.statuses) <= {200, 503, NO_ANSWER}, nodes[0].log()[-3000:]

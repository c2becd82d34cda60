"""kill -9 of any process of the server while reports come in: what was answered 2xx is stored, each report once."""

import json
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from crashdesk.protocol.dsn import Dsn
from crashdesk.protocol.envelope import new_event_id
from support.intakes import envelope_bytes
from support.posting import until_stored
from support.servers import Server, server_away
from support.waiting import until

KILLS_IN_A_ROUND = 6
SENDERS = 4
VICTIMS = ("collector", "processor", "web", "everything")


def deliver(server: Server, event_id: str) -> None:
    """Send one report as the agent does: again and again until it is acknowledged by its id."""
    headers = {"X-Sentry-Auth": Dsn.parse(server.dsn).auth_header("test/1")}

    def is_acknowledged() -> bool:
        status, answer = server.post("/api/1/envelope/", envelope_bytes(event_id), headers)
        return status == 200 and json.loads(answer)["id"] == event_id

    until(is_acknowledged, 60, "the report to be acknowledged")


def disturb(server: Server, chance: random.Random) -> list[str]:
    """Kill at random moments and return whom."""
    plan = [(chance.uniform(0.02, 0.6), chance.choice(VICTIMS)) for _ in range(KILLS_IN_A_ROUND)]
    for pause_seconds, victim in plan:
        threading.Event().wait(pause_seconds)
        if victim == "everything":
            server.kill_all()
            server.start(is_awaited=False)
        else:
            server.kill(victim)
    return [victim for _, victim in plan]


def keep_sending(server: Server, is_over: threading.Event) -> list[str]:
    """Deliver one report after the other, at least one; return their ids."""
    ids: list[str] = []
    while not ids or not is_over.is_set():
        ids.append(new_event_id())
        deliver(server, ids[-1])
    return ids


def play_round(server: Server, seed: int) -> list[str]:
    """Send from several sides while processes are killed; return the ids of what was acknowledged."""
    is_over = threading.Event()
    with ThreadPoolExecutor(SENDERS) as pool:
        senders = [pool.submit(keep_sending, server, is_over) for _ in range(SENDERS)]
        try:
            victims = disturb(server, random.Random(seed))
        finally:
            is_over.set()
        ids = [event_id for sender in senders for event_id in sender.result()]
    print(f"seed {seed}: {len(ids)} reports, killed {victims}")
    return ids


def stored_ids(server: Server) -> list[str]:
    """Return the event ids that the API lists, page by page."""
    found: list[str] = []
    address = "/api/0/projects/main/default/events/"
    while address:
        events, address = server.api_page(address)
        found += [event["eventID"] for event in events]
    return found


@pytest.mark.timeout(1800)
def test_nothing_answered_2xx_is_lost_or_doubled(tmp_path: Path, is_long: bool):
    with server_away(tmp_path, CRASHDESK_QUOTAS="off") as server:
        server.start()
        sent = [event_id for seed in range(30 if is_long else 3) for event_id in play_round(server, seed)]
        server.wait_until_ready()
        until_stored(server, len(sent))
        assert server.api("installation/stats/")["events_stored"] == len(sent)
        assert sorted(stored_ids(server)) == sorted(sent)
        [issue] = server.api("projects/main/default/issues/")
        assert int(issue["count"]) == len(sent)

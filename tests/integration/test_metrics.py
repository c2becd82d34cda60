"""/metrics of a running server: its figures agree with what was sent and with the account."""

import json
import subprocess

import pytest

from crashdesk.protocol.dsn import Dsn
from crashdesk.protocol.envelope import Envelope, Item, new_event_id
from support.posting import post, until_stored
from support.servers import Server, running_server, server_command
from support.waiting import until


def figures(server: Server) -> dict[str, float]:
    status, body = server.get("/metrics")
    assert status == 200
    lines = [line.rpartition(" ") for line in body.decode().splitlines() if not line.startswith("#")]
    return {name: float(number) for name, _, number in lines}


def refuse(server: Server) -> None:
    headers = {"X-Sentry-Auth": f"Sentry sentry_key={'0' * 32}"}
    assert server.post("/api/1/envelope/", b"{}\n", headers)[0] == 403


def an_event() -> Envelope:
    event_id = new_event_id()
    return Envelope({"event_id": event_id}, [Item.from_json("event", {"event_id": event_id, "message": "hello"})])


def stats(server: Server) -> dict:
    command = server_command("stats", "--data", server.data, "--json")
    return json.loads(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout)


def test_figures_agree_with_what_was_sent_and_with_the_account(tmp_path):
    with running_server(tmp_path) as server:
        for _ in range(5):
            post(server, an_event())
        refuse(server)
        until_stored(server, 5)
        until(lambda: figures(server).get("crashdesk_reports_processed_total", 0) >= 5, what="the processor's figures")
        found = figures(server)
        assert found["crashdesk_reports_received_total"] == 6
        assert found["crashdesk_reports_accepted_total"] == 5
        assert found['crashdesk_reports_refused_total{reason="key_unknown"}'] == 1
        assert found["crashdesk_intake_waiting"] == found["crashdesk_reports_failed_total"] == 0
        assert found["crashdesk_database_up"] == found['crashdesk_part_up{part="processor"}'] == 1
        assert 1 <= found["crashdesk_commit_seconds_count"] <= found["crashdesk_commit_rows_total"]
        account = {row["category"]: row for row in stats(server)["projects"][0]["account"]}
        assert account["error"]["received"] == account["error"]["stored"] == 5
        assert {row["difference"] for row in account.values()} == {0}


@pytest.mark.parametrize("token", ["", "read-the-figures"])
def test_strangers_get_no_figures(tmp_path, token):
    with running_server(tmp_path, **({"CRASHDESK_METRICS_TOKEN": token} if token else {})) as server:
        assert server.get("/metrics", {"X-Forwarded-For": "192.0.2.7"})[0] == 403
        assert server.get("/metrics", {"Authorization": f"Bearer {token}"})[0] == 200
        assert Dsn.parse(server.dsn).public_key not in server.get("/metrics")[1].decode()

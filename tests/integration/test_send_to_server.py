"""The commands of the client side against the real server: what was captured is visible there, once."""

import json
import subprocess
import sys

import pytest

from support.servers import running_server
from support.waiting import until

ERROR = {
    "type": "ValueError",
    "value": "no such page",
    "stacktrace": {"frames": [{"module": "fieldbook.pages", "function": "open_page", "lineno": 7, "in_app": True}]},
}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running_server(tmp_path_factory.mktemp("server")) as server:
        yield server


def crashdesk(*arguments):
    command = [sys.executable, "-m", "crashdesk", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout


def issues(server):
    return server.api(f"projects/main/{server.project}/issues/")


def test_a_report_sent_by_hand_becomes_an_issue(server, tmp_path):
    (tmp_path / "error.json").write_text(json.dumps([ERROR]))
    outbox = tmp_path / "outbox"
    for _ in range(2):
        said = crashdesk("send", "--dsn", server.dsn, "--data", outbox, "--exception-json", tmp_path / "error.json")
        assert said.startswith("captured ")
    crashdesk("agent", "--headless", "--dsn", server.dsn, "--data", outbox, "--until-empty")
    found = until(lambda: [issue for issue in issues(server) if issue["count"] == "2"], what="one issue of two events")
    assert "ValueError" in found[0]["title"]
    balance = json.loads(crashdesk("outbox", "balance", "--data", outbox, "--json"))
    assert (balance["captured"], balance["delivered"], balance["missing"]) == (2, 2, 0)
    rows = json.loads(crashdesk("outbox", "list", "--data", outbox, "--json"))
    assert [row["state"] for row in rows] == ["done", "done"]


def test_a_report_to_a_wrong_key_is_kept_and_says_why(server, tmp_path):
    wrong = server.dsn.replace("://", "://0000", 1)
    crashdesk("send", "--dsn", wrong, "--data", tmp_path / "outbox", "--message", "x")
    command = [sys.executable, "-m", "crashdesk", "agent", "--headless", "--data", str(tmp_path / "outbox")]
    agent = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        (row,) = until(
            lambda: [
                row
                for row in json.loads(crashdesk("outbox", "list", "--data", tmp_path / "outbox", "--json"))
                if row["state"] == "later"
            ]
        )
    finally:
        agent.kill()
        agent.wait()
    assert "refused the key" in row["reason"]

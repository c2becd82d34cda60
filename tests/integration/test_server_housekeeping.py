"""Looking after a server while it runs: each command works beside it, and it notices."""

import json
import subprocess

import pytest

from crashdesk.protocol.dsn import Dsn
from crashdesk.protocol.envelope import Envelope, Item, new_event_id
from support.posting import post, until_stored
from support.servers import Server, running_server, server_command
from support.waiting import until


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running_server(tmp_path_factory.mktemp("housekeeping")) as server:
        yield server


def run(server: Server, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = server_command(*arguments, "--data", server.data, "--json")
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=90)


def an_event(user: str = "ann@example.org") -> Envelope:
    event_id = new_event_id()
    body = {"event_id": event_id, "message": "hello", "user": {"id": user, "email": user}}
    return Envelope({"event_id": event_id}, [Item.from_json("event", body)])


def answer_to(server: Server, dsn: str) -> int:
    key = Dsn.parse(dsn)
    path = key.envelope_url.removeprefix(key.origin)
    return server.post(path, an_event().to_bytes(), {"X-Sentry-Auth": key.auth_header("test/1")})[0]


def test_a_key_is_rotated_without_losing_a_report(server):
    rotated = server.command("project", "key", "rotate", "--project", "default", "--json")
    assert [answer_to(server, dsn) for dsn in (*rotated["old"], rotated["new"])] == [200, 200]
    old = str(rotated["old_ids"][0])
    server.command("project", "key", "disable", old, "--project", "default", "--json")
    until(lambda: answer_to(server, rotated["old"][0]) == 403, 5, "the old key to be refused")
    assert answer_to(server, rotated["new"]) == 200
    server.command("project", "key", "enable", old, "--project", "default", "--json")
    until(lambda: answer_to(server, rotated["old"][0]) == 200, 5, "the old key to be let in again")


def test_a_revoked_token_is_refused_at_once(server):
    added = server.command("token", "add", "--user", "admin@example.org", "--scope", "event:read", "--json")
    headers = {"Authorization": f"Bearer {added['token']}"}
    assert server.get("/api/0/", headers)[0] == 200
    (row,) = [row for row in server.command("token", "list", "--json") if row["scopes"] == ["event:read"]]
    server.command("token", "revoke", row["id"], "--json")
    assert server.get("/api/0/", headers)[0] == 401


def test_a_running_server_is_well(server):
    post(server, an_event())
    until_stored(server, 1)
    done = run(server, "check", "--deep")
    found = json.loads(done.stdout)
    assert (done.returncode, found["ok"]) == (0, True), found
    assert {finding["severity"] for finding in found["findings"]} <= {"ok", "note"}
    assert "looking at account" in done.stderr


def test_a_person_is_erased_while_the_server_runs(server):
    for who in ("greta@example.net", "greta@example.net", "ann@example.org"):
        post(server, an_event(who))
    until_stored(server, 4)
    before = server.api("installation/stats/")["events_stored"]
    done = run(server, "delete", "--person", "greta@example.net", "--yes")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)
    assert not [file for file in server.data.rglob("*") if file.is_file() and b"greta@example.net" in file.read_bytes()]
    assert server.api("installation/stats/")["events_stored"] == before
    post(server, an_event())
    until_stored(server, before + 1)


def test_without_a_person_at_hand_nothing_is_deleted(server):
    done = run(server, "delete", "--project", "default")
    assert done.returncode == 2
    assert "repeat the command with --yes" in done.stderr
    assert [row["project"] for row in server.command("project", "list", "--json")] == ["default"]

"""A server in one file: taken while it runs, restored elsewhere, on the same database and on the other one."""

import hashlib
import json
import os
import signal
import subprocess
import threading
from pathlib import Path

import pytest

from crashdesk.protocol.dsn import Dsn
from crashdesk.protocol.envelope import Envelope, Item
from support.object_stores import KEYS, new_bucket, object_server
from support.postgres import fresh_database
from support.posting import post, until_stored
from support.servers import Server, free_port, running_server, server_command
from support.waiting import until


def an_envelope(number: int, size: int = 3000) -> Envelope:
    """A report with its own event id and a file whose content the number tells."""
    event_id = f"{number:032x}"
    event = {"event_id": event_id, "message": f"failure {number % 5}", "user": {"id": str(number % 7)}}
    seed = hashlib.sha256(str(number).encode()).digest()
    return Envelope(
        {"event_id": event_id}, [Item.from_json("event", event), Item.attachment("state.bin", seed * (size // 32))]
    )


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(server_command(*arguments), capture_output=True, text=True, check=False, timeout=120)


def done(*arguments: object) -> dict:
    finished = run(*arguments, "--json")
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout)


def restored(server: Server, file: Path, data: Path, *more: object) -> Server:
    """Restore `file` and return the new server, not yet started, which has keys and tokens of the old one."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    done("restore", file, "--data", data, "--url", url, *more)
    dsn = server.dsn.replace(server.url.removeprefix("http://"), url.removeprefix("http://"))
    return Server(data, port, dsn, server.token, server.project)


def seen(server: Server) -> dict:
    """What scripts see: every event with the digest of its files, and every issue with its count."""
    events, path = {}, f"/api/0/projects/main/{server.project}/events/?per_page=100"
    while path:
        rows, path = server.api_page(path)
        for row in rows:
            files = server.api(f"projects/main/{server.project}/events/{row['eventID']}/attachments/")
            events[row["eventID"]] = [file["sha1"] if "sha1" in file else file["size"] for file in files]
    issues = {row["shortId"]: row["count"] for row in server.api(f"projects/main/{server.project}/issues/?query=")}
    return {"events": events, "issues": issues}


def digest_of_file(server: Server, number: int) -> str:
    path = f"/api/0/projects/main/{server.project}/events/{number:032x}/attachments/"
    file_id = server.api(path.removeprefix("/api/0/"))[0]["id"]
    status, content = server.get(f"{path}{file_id}/?download=1", {"Authorization": f"Bearer {server.token}"})
    assert status == 200
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def started():
    """Start servers that are ended whatever happens."""
    servers: list[Server] = []

    def start(server: Server) -> Server:
        servers.append(server)
        server.start()
        return server

    yield start
    for server in servers:
        server.close()


def test_a_server_is_restored_elsewhere_from_a_backup_under_load(tmp_path, started):
    with running_server(tmp_path, CRASHDESK_QUOTAS="off") as server:
        for number in range(1, 31):
            post(server, an_envelope(number, 900_000 if number % 10 == 0 else 3000))
        until_stored(server, 30)
        stop = threading.Event()
        load = threading.Thread(
            target=lambda: [post(server, an_envelope(n)) for n in range(31, 231) if not stop.is_set()]
        )
        load.start()
        try:
            done("backup", tmp_path / "desk.backup", "--data", server.data)
        finally:
            stop.set()
            load.join()
        new = started(restored(server, tmp_path / "desk.backup", tmp_path / "new"))
        until(lambda: not new.api("installation/stats/")["intake_waiting"], what="what waited to be processed")
        before, after = seen(server), seen(new)
        assert set(after["events"]) <= set(before["events"])
        assert {f"{n:032x}" for n in range(1, 31)} <= set(after["events"])
        assert all(after["events"][one] == before["events"][one] for one in after["events"])
        assert sum(int(count) for count in after["issues"].values()) == len(after["events"])
        assert [digest_of_file(new, n) for n in (7, 10)] == [digest_of_file(server, n) for n in (7, 10)]
        post(new, an_envelope(7))  # a repeat
        post(new, an_envelope(1000))
        until_stored(new, len(after["events"]) + 1)
        assert len(seen(new)["events"]) == len(after["events"]) + 1


def test_what_waits_is_in_the_backup_and_is_processed_after_it(tmp_path, started):
    with running_server(tmp_path) as server:
        post(server, an_envelope(1))
        until_stored(server, 1)
        os.kill(server.pids()["processor"], signal.SIGSTOP)
        for number in range(2, 8):
            post(server, an_envelope(number, 900_000 if number == 5 else 3000))
        told = done("backup", tmp_path / "desk.backup", "--data", server.data)
        assert told["waiting"] == 6
        new = started(restored(server, tmp_path / "desk.backup", tmp_path / "new"))
        until_stored(new, 7)
        assert new.api("installation/stats/")["intake_waiting"] == 0
        assert digest_of_file(new, 5) == hashlib.sha256(hashlib.sha256(b"5").digest() * (900_000 // 32)).hexdigest()
        os.kill(server.pids()["processor"], signal.SIGCONT)


def test_a_server_moves_to_postgresql_and_an_object_store_and_back(tmp_path, started, monkeypatch):
    with running_server(tmp_path) as server, fresh_database() as url, object_server() as store:
        for name, text in {**KEYS, "CRASHDESK_BLOBS_ENDPOINT": store}.items():
            monkeypatch.setenv(name, text)
        for number in range(1, 21):
            post(server, an_envelope(number))
        until_stored(server, 20)
        done("backup", tmp_path / "first", "--data", server.data)
        place = ("--database", url, "--blobs", f"s3://{new_bucket(store)}/desk")
        large = started(restored(server, tmp_path / "first", tmp_path / "large", *place))
        assert seen(large) == seen(server)
        post(large, an_envelope(3))
        post(large, an_envelope(21))
        until_stored(large, 21)
        done("backup", tmp_path / "second", "--data", large.data)
        back = started(restored(server, tmp_path / "second", tmp_path / "back"))
        assert seen(back) == seen(large)
        assert digest_of_file(back, 21) == digest_of_file(large, 21)
        post(back, an_envelope(22))
        until_stored(back, 22)
        added = done("project", "add", "editor", "--data", back.data)
        assert Dsn.parse(added["dsn"]).project_id == "2"


@pytest.fixture(scope="module")
def backup(tmp_path_factory) -> Path:
    """A backup of a server that has seen nothing yet."""
    directory = tmp_path_factory.mktemp("backup")
    server = Server(directory / "server", free_port())
    server.copy_prepared()
    done("backup", directory / "desk.backup", "--data", server.data)
    return directory / "desk.backup"


def test_a_directory_with_anything_in_it_is_refused(backup, tmp_path):
    (tmp_path / "note").write_text("mine")
    refused = run("restore", backup, "--data", tmp_path)
    assert (refused.returncode, [path.name for path in tmp_path.iterdir()]) == (2, ["note"])
    assert "is not empty: name a directory that is empty" in refused.stderr


def test_a_database_with_tables_is_refused_and_left_alone(backup, tmp_path):
    with fresh_database() as url:
        done("restore", backup, "--data", tmp_path / "one", "--database", url)
        refused = run("restore", backup, "--data", tmp_path / "two", "--database", url)
        assert refused.returncode == 2
        assert "The database has tables already" in refused.stderr
        assert not (tmp_path / "two").exists()
        assert done("project", "list", "--data", tmp_path / "one")


def test_a_damaged_backup_leaves_nothing(backup, tmp_path):
    content = backup.read_bytes()
    (tmp_path / "harmed").write_bytes(content[: len(content) // 2])
    refused = run("restore", tmp_path / "harmed", "--data", tmp_path / "new")
    assert refused.returncode == 1
    assert "no whole backup" in refused.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["harmed"]


def test_everything_restored_is_private_and_the_settings_are_there(backup, tmp_path):
    done("restore", backup, "--data", tmp_path / "new")
    modes = {path.stat().st_mode & 0o077 for path in (tmp_path / "new").rglob("*")}
    assert modes == {0}
    assert [path.name for path in tmp_path.iterdir()] == ["new"]

"""The data directory: private, ours, written in one step, held by one server at a time."""

import json
import os
import stat
from pathlib import Path

import pytest

from crashdesk.errors import StorageError, UsageError
from crashdesk.server import installation
from crashdesk.server.installation import Installation

URL = "http://127.0.0.1:8300"


@pytest.fixture
def server(tmp_path: Path) -> Installation:
    server = Installation.new(tmp_path / "data", URL, "main")
    installation.prepare_directory(server.data)
    server.write()
    return server


def test_what_was_written_is_read(server):
    assert Installation.read(server.data) == server


def test_two_servers_share_no_secret(tmp_path):
    assert Installation.new(tmp_path, URL, "main").secret_key != Installation.new(tmp_path, URL, "main").secret_key


def test_directory_and_facts_are_private_whatever_the_umask(tmp_path):
    before = os.umask(0)
    try:
        installation.prepare_directory(tmp_path / "a" / "data")
        Installation.new(tmp_path / "a" / "data", URL, "main").write()
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a" / "data").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "a" / "data" / "server.json").stat().st_mode) == 0o600


def test_an_open_directory_of_ours_is_closed_to_others(tmp_path):
    (tmp_path / "data").mkdir(mode=0o755)
    installation.prepare_directory(tmp_path / "data")
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700


def test_a_directory_without_a_server_is_said(tmp_path):
    with pytest.raises(UsageError, match="holds no Crashdesk server: run crashdesk server init"):
        Installation.read(tmp_path)
    with pytest.raises(UsageError, match="holds no Crashdesk server"):
        Installation.read(tmp_path / "nowhere")


def test_a_directory_of_a_newer_version_is_said(server):
    facts = json.loads((server.data / "server.json").read_text())
    (server.data / "server.json").write_text(json.dumps({**facts, "format": 2}))
    with pytest.raises(StorageError, match="newer Crashdesk"):
        Installation.read(server.data)


def test_damaged_facts_are_said(server):
    (server.data / "server.json").write_text('{"format": 1, "ur')
    with pytest.raises(StorageError, match="damaged"):
        Installation.read(server.data)


def test_a_file_in_place_of_the_directory_is_said(tmp_path):
    (tmp_path / "data").touch()
    with pytest.raises(StorageError, match="is a file"):
        installation.prepare_directory(tmp_path / "data")


def test_a_link_in_place_of_the_directory_is_not_followed(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "data").symlink_to(tmp_path / "real")
    with pytest.raises(StorageError, match="no directory that can be used"):
        installation.prepare_directory(tmp_path / "data")


def test_a_directory_of_somebody_else_is_refused(tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    with pytest.raises(StorageError, match="belongs to another user"):
        installation.prepare_directory(tmp_path / "data")


def test_a_place_where_nothing_can_be_made_is_said():
    with pytest.raises(StorageError, match="cannot be made"):
        installation.prepare_directory(Path("/proc/crashdesk"))


@pytest.mark.parametrize("url", ["https://crashes.example.org", "http://h:1/", "http://[::1]:8300", "HTTPS://h"])
def test_addresses_lose_their_last_slash(url):
    assert installation.checked_url(url) == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    ["", "crashes.example.org", "ftp://h", "http://", "http://h/sub", "http://h?x", "http://h#x", "http://u@h",
     "http://h:0", "http://h:99999", "http://h:x", "http://a b", "http://[::1"],
)  # fmt: skip
def test_what_products_cannot_reach_is_refused(url):
    with pytest.raises(UsageError, match="not the address of a server"):
        installation.checked_url(url)


def test_one_server_at_a_time_holds_the_directory(server):
    for _ in range(2):
        with (
            installation.held(server.data),
            pytest.raises(UsageError, match="A Crashdesk server is already running"),
            installation.held(server.data),
        ):
            pass


def test_each_role_of_a_directory_runs_once_beside_the_others(server):
    with (
        installation.held(server.data, ["collector"]),
        installation.held(server.data, ["processor", "web"]),
        pytest.raises(UsageError, match="The web of a Crashdesk server is already running"),
        installation.held(server.data, ["web"]),
    ):
        pass


def test_the_notes_of_all_supervisors_count_while_their_roles_are_held(server):
    for roles in (["collector"], ["processor", "web"]):
        noted = {role: {"state": "ready"} for role in roles}
        installation.status_file(server.data, roles).write_text(json.dumps(noted))
    with installation.held(server.data, ["collector"]), installation.held(server.data, ["web"]):
        assert set(installation.status_of(server.data)) == {"collector", "web"}
    assert installation.status_of(server.data) == {}


def test_a_file_is_replaced_in_one_step_and_leftovers_do_not_hinder(tmp_path):
    (tmp_path / ".file.new").write_text("left by a killed writer")
    installation.replace_file(tmp_path / "file", b"one")
    installation.replace_file(tmp_path / "file", b"two")
    assert (tmp_path / "file").read_bytes() == b"two"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_file_that_was_replaced_survives_a_power_loss(tmp_path, monkeypatch):
    synced = []
    monkeypatch.setattr(os, "fsync", lambda number: synced.append(Path(f"/proc/self/fd/{number}").readlink()))
    installation.replace_file(tmp_path / "facts", b"{}")
    assert synced == [tmp_path / ".facts.new", tmp_path]

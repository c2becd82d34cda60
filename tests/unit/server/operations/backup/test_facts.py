"""What moves with a server, and what belongs to the place it ran at."""

import json
import tomllib

import pytest

from crashdesk import settings
from crashdesk.server.installation import Installation
from crashdesk.server.operations.backup import facts


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch):
    monkeypatch.setattr(settings, "_of_process", {})


def test_settings_move_but_for_database_and_object_store(tmp_path):
    text = 'port = 9000\ndatabase = "postgresql://x"\n blobs = "s3://a/b"\nblobs_region="x"\n# a note\n'
    (tmp_path / "server.toml").write_text(text)
    assert facts.settings_of(tmp_path) == b"port = 9000\n# a note\n"


def test_a_server_without_settings_has_none_in_its_backup(tmp_path):
    assert facts.settings_of(tmp_path) == b""


def test_a_restored_server_keeps_its_key_and_address_and_is_a_node_of_its_own(tmp_path):
    old = Installation.new(tmp_path, "https://crashes.example.org", "main")
    new = facts.restored(facts.written(old), tmp_path / "new", None)
    assert (new.url, new.organisation, new.secret_key) == (old.url, old.organisation, old.secret_key)
    assert new.node != old.node
    assert facts.restored(facts.written(old), tmp_path, "http://other").url == "http://other"
    assert old.node not in json.dumps(facts.written(old).decode())


def test_the_object_store_that_was_named_stands_in_the_settings(tmp_path):
    (tmp_path / "server.toml").write_text('port = 9000\nblobs = "s3://before/x"\n')
    settings.use("blobs", "s3://bucket/new")
    settings.use("blobs_endpoint", "http://127.0.0.1:9")
    facts.note_store(tmp_path)
    found = tomllib.loads((tmp_path / "server.toml").read_text())
    assert found == {"port": 9000, "blobs": "s3://bucket/new", "blobs_endpoint": "http://127.0.0.1:9"}


def test_bodies_in_the_directory_need_no_setting(tmp_path):
    facts.note_store(tmp_path)
    assert not (tmp_path / "server.toml").exists()

import json
import re

from installer import clients


def test_every_package_is_pinned_by_its_hash_and_no_host_is_named():
    lock = json.loads(clients.LOCK.read_text())
    packages = [entry for path, entry in lock["packages"].items() if path]
    assert len(packages) > 10
    assert all(entry["integrity"].startswith("sha512-") and "resolved" not in entry for entry in packages)
    assert "omit-lockfile-registry-resolved=true" in (clients.CLIENTS / ".npmrc").read_text()


def test_versions_are_named_exactly():
    wanted = json.loads((clients.CLIENTS / "package.json").read_text())["dependencies"]
    assert all(re.fullmatch(r"(npm:@?[\w./-]+@)?\d+\.\d+\.\d+", version) for version in wanted.values())


def test_what_is_unpacked_counts_only_as_long_as_the_lock_is_the_same(monkeypatch, tmp_path):
    monkeypatch.setattr(clients, "STAMP", tmp_path / "stamp")
    assert not clients.is_ready()
    clients.STAMP.write_bytes(clients.LOCK.read_bytes())
    assert clients.is_ready()
    clients.STAMP.write_bytes(b"an older lock")
    assert not clients.is_ready()


def test_packages_are_unpacked_once(monkeypatch, tmp_path):
    calls = []
    monkeypatch.setattr(clients, "MODULES", tmp_path / "modules")
    monkeypatch.setattr(clients, "STAMP", tmp_path / "stamp")
    monkeypatch.setattr(clients, "run_quietly", lambda command, failure: calls.append(command))
    clients.ensure()
    clients.ensure()
    assert calls == [clients.COMMAND]
    assert "--ignore-scripts" in clients.COMMAND

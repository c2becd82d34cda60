"""The file of a backup: whole or not there, and nothing of a damaged one is believed."""

import json
import re
from pathlib import Path

import pytest

from crashdesk.errors import StorageError, UsageError
from crashdesk.server.operations.backup import archive
from crashdesk.server.operations.backup.archive import Reader, Writer


def a_backup(path: Path, *, kilobytes: int = 3000) -> Path:
    with Writer(path) as writer:
        writer.begin()
        writer.add("server.json", b"{}")
        writer.add_pieces("blobs/000001.pack", kilobytes * 1024, (bytes([n % 251]) * 1024 for n in range(kilobytes)))
        writer.finish({"tables": {}})
    return path


def names(path: Path) -> list[str]:
    with Reader(path) as reader:
        return [member.name for member in reader.members()]


def test_what_was_written_is_read_in_its_order(tmp_path):
    path = a_backup(tmp_path / "b")
    assert names(path) == ["crashdesk.json", "server.json", "blobs/000001.pack", "manifest.json"]
    with Reader(path) as reader:
        assert reader.verify()["tables"] == {}
        content = next(b"".join(member.pieces()) for member in reader.members() if member.name.startswith("blobs"))
    assert content == b"".join(bytes([n % 251]) * 1024 for n in range(3000))


def test_only_its_owner_can_read_it(tmp_path):
    assert a_backup(tmp_path / "b").stat().st_mode & 0o777 == 0o600


def test_an_unfinished_backup_leaves_nothing(tmp_path):
    with Writer(tmp_path / "b") as writer:
        writer.begin()
    assert list(tmp_path.iterdir()) == []


def test_the_last_backup_stays_until_the_new_one_is_whole(tmp_path):
    before = a_backup(tmp_path / "b").read_bytes()
    with Writer(tmp_path / "b") as writer:
        writer.begin()
        assert (tmp_path / "b").read_bytes() == before
        writer.finish({})
    assert names(tmp_path / "b") == ["crashdesk.json", "manifest.json"]


@pytest.mark.parametrize("content", [b"", b"hello", b"SQLite format 3\0" * 100])
def test_a_file_that_is_no_backup_is_left_alone(tmp_path, content):
    (tmp_path / "b").write_bytes(content)
    with pytest.raises(UsageError, match="no backup of Crashdesk"):
        Writer(tmp_path / "b")
    assert (tmp_path / "b").read_bytes() == content


def test_a_directory_is_no_place_for_a_backup(tmp_path):
    with pytest.raises(UsageError, match="no plain file"):
        Writer(tmp_path)


def test_a_backup_that_ends_too_early_is_refused(tmp_path):
    content = a_backup(tmp_path / "b", kilobytes=64).read_bytes()
    for part in range(20):
        (tmp_path / "harmed").write_bytes(content[: len(content) * part // 20])
        with Reader(tmp_path / "harmed") as reader, pytest.raises(StorageError, match="no whole backup"):
            reader.verify()


def believed(path: Path) -> dict | None:
    """The manifest of a backup, or None when it is refused."""
    with Reader(path) as reader:
        try:
            return reader.verify()
        except StorageError:
            return None


def test_nothing_is_believed_of_a_damaged_backup(tmp_path):
    content = a_backup(tmp_path / "b", kilobytes=64).read_bytes()
    whole, read = believed(tmp_path / "b"), []
    for place in range(len(content)):
        (tmp_path / "harmed").write_bytes(content[:place] + bytes([content[place] ^ 0x55]) + content[place + 1 :])
        read.append(believed(tmp_path / "harmed"))
    # what only says how much memory the reader needs may differ: then all sums agree all the same
    assert all(found in (None, whole) for found in read)
    assert read.count(None) > 0.9 * len(read)


def test_a_newer_format_is_refused_in_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "FORMAT", 2)
    a_backup(tmp_path / "b")
    monkeypatch.setattr(archive, "FORMAT", 1)
    with Reader(tmp_path / "b") as reader, pytest.raises(StorageError) as refused:
        reader.verify()
    assert re.search(r"written by a newer Crashdesk \([0-9.]+\): install that or a later one\.$", str(refused.value))


def test_a_member_whose_sum_differs_is_refused(tmp_path, monkeypatch):
    real = json.dumps
    monkeypatch.setattr(archive.json, "dumps", lambda value: real(value).replace('"bytes": 2', '"bytes": 3'))
    a_backup(tmp_path / "b")
    with Reader(tmp_path / "b") as reader, pytest.raises(StorageError, match="no whole backup"):
        reader.verify()


def test_a_member_that_is_shorter_than_announced_ends_the_backup(tmp_path):
    with Writer(tmp_path / "b") as writer:
        writer.begin()
        with pytest.raises(StorageError, match="cannot be written"):
            writer.add_pieces("blobs/x", 100, [b"too short"])
    assert list(tmp_path.iterdir()) == []

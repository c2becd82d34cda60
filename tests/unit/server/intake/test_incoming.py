"""Large bodies in files: private, complete, gone when nobody names them, and never any other file."""

import os
from pathlib import Path

import pytest

from crashdesk.errors import StorageError
from crashdesk.server.intake.incoming import Incoming


@pytest.fixture
def incoming(tmp_path: Path) -> Incoming:
    return Incoming(tmp_path)


def written(incoming: Incoming, *pieces: bytes) -> str:
    writer = incoming.create()
    for piece in pieces:
        writer.write(piece)
    writer.finish()
    return writer.name


def test_a_body_is_read_as_it_came(incoming):
    name = written(incoming, b"a" * 300_000, b"b")
    assert b"".join(incoming.pieces(name)) == b"a" * 300_000 + b"b"
    assert incoming.size(name) == 300_001


def test_directory_and_files_are_private_whatever_the_umask(incoming, tmp_path):
    before = os.umask(0)
    try:
        name = written(incoming, b"x")
    finally:
        os.umask(before)
    assert (tmp_path / "incoming").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "incoming" / name).stat().st_mode & 0o777 == 0o600


def test_file_and_name_are_synced_before_the_body_counts_as_kept_and_once_the_directory_itself(
    incoming, tmp_path, monkeypatch
):
    synced = []
    monkeypatch.setattr(os, "fsync", lambda number: synced.append(Path(f"/proc/self/fd/{number}").readlink().name))
    first, second = written(incoming, b"x"), written(incoming, b"x")
    assert synced == [tmp_path.name, first, "incoming", second, "incoming"]


def test_a_body_of_a_backup_is_kept_under_its_name(incoming):
    name = f"{'1' * 32}.body"
    incoming.adopt(name, [b"a", b"b"])
    assert b"".join(incoming.pieces(name)) == b"ab"
    with pytest.raises(StorageError):
        incoming.adopt(name, [b"c"])


def test_a_sync_that_fails_means_not_kept(incoming, monkeypatch):
    def failing(_descriptor):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(StorageError, match="cannot be"):
        written(incoming, b"x")


def test_a_body_that_was_refused_leaves_nothing(incoming, tmp_path):
    writer = incoming.create()
    writer.write(b"x")
    writer.discard()
    assert list((tmp_path / "incoming").iterdir()) == []


def test_what_no_row_names_is_swept_and_counted(incoming):
    kept, stray = written(incoming, b"kept"), written(incoming, b"stray")
    assert incoming.sweep({kept}) == 1
    assert incoming.size(kept) == 4
    with pytest.raises(StorageError):
        incoming.size(stray)


def test_before_the_first_large_body_there_is_nothing_to_sweep(incoming):
    assert incoming.sweep(set()) == 0


@pytest.mark.parametrize("name", ["../main.sqlite", "/etc/passwd", "", "0" * 32, f"{'0' * 32}.body/"])
def test_a_name_that_is_none_of_ours_reads_no_file(incoming, name):
    with pytest.raises(StorageError, match="does not name"):
        list(incoming.pieces(name))


def test_a_link_in_place_of_a_body_is_not_followed(incoming, tmp_path):
    name = written(incoming, b"x")
    (tmp_path / "incoming" / name).unlink()
    (tmp_path / "incoming" / name).symlink_to("/etc/passwd")
    with pytest.raises(StorageError, match="cannot be read"):
        list(incoming.pieces(name))


def test_bodies_of_forgotten_rows_go_and_missing_ones_are_no_trouble(incoming):
    name = written(incoming, b"x")
    incoming.remove([name, f"{'0' * 32}.body"])
    assert incoming.sweep(set()) == 0

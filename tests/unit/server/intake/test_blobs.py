"""Pack files: what goes in comes out, packs roll, damage and torn writes are noticed, files are private."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from crashdesk.errors import StorageError
from crashdesk.server.intake.blobs import BlobStore


@pytest.fixture
def store(tmp_path: Path) -> BlobStore:
    return BlobStore.open(tmp_path / "blobs", pack_bytes=10_000)


def test_bodies_come_back_byte_for_byte(store):
    bodies = [b"", b"short", os.urandom(5000), b"repeated " * 10_000]
    assert [store.read(reference) for reference in store.append(bodies)] == bodies


def test_text_is_stored_compressed(store, tmp_path):
    store.append([b"repeated " * 10_000])
    assert (tmp_path / "blobs" / "000001.pack").stat().st_size < 200


def test_nothing_to_store_makes_no_file(store, tmp_path):
    assert store.append([]) == []
    assert list((tmp_path / "blobs").iterdir()) == []


def test_a_full_pack_is_followed_by_the_next_number(store, tmp_path):
    references = store.append([os.urandom(6000) for _ in range(5)])
    assert [reference.partition(":")[0] for reference in references] == ["1", "1", "2", "2", "3"]
    assert sorted(path.name for path in (tmp_path / "blobs").iterdir()) == ["000001.pack", "000002.pack", "000003.pack"]


def test_another_process_reads_and_a_new_writer_goes_on(store, tmp_path):
    [first] = store.append([b"first"])
    other = BlobStore.open(tmp_path / "blobs", pack_bytes=10_000)
    [second] = other.append([b"second"])
    assert (other.read(first), store.read(second)) == (b"first", b"second")


def test_half_a_record_of_a_killed_writer_harms_no_later_one(store, tmp_path):
    [first] = store.append([b"first"])
    with (tmp_path / "blobs" / "000001.pack").open("ab") as pack:
        pack.write(b"CDB1\x00\x00half a rec")
    [second] = store.append([b"second"])
    assert (store.read(first), store.read(second)) == (b"first", b"second")


def test_a_damaged_record_is_never_returned(store, tmp_path):
    [reference] = store.append([b"some words that matter"])
    pack = tmp_path / "blobs" / "000001.pack"
    content = bytearray(pack.read_bytes())
    content[-3] ^= 1
    pack.write_bytes(content)
    with pytest.raises(StorageError, match="damaged"):
        store.read(reference)


@pytest.mark.parametrize("reference", ["1:5:4000000", "1:999999:20", "1:0:3", "1:1:40"])
def test_a_place_that_holds_no_record_is_never_returned(store, reference):
    store.append([b"some words"])
    with pytest.raises(StorageError, match="damaged"):
        store.read(reference)


@pytest.mark.parametrize("reference", ["", "x", "1:2", "../../etc/passwd:0:10", "1:-2:3", "1:2:3:4", "1:2:3\n"])
def test_a_reference_is_numbers_and_nothing_else(store, reference):
    with pytest.raises(StorageError, match="does not name"):
        store.read(reference)


def test_a_pack_that_is_gone_is_said(store):
    with pytest.raises(StorageError, match="not there"):
        store.read("9:0:20")


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="cannot be made"):
        BlobStore.open(tmp_path / "file" / "blobs")


def test_folder_and_files_are_private_whatever_the_umask(tmp_path):
    before = os.umask(0)
    try:
        BlobStore.open(tmp_path / "blobs").append([b"x"])
    finally:
        os.umask(before)
    assert (tmp_path / "blobs").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "blobs" / "000001.pack").stat().st_mode & 0o777 == 0o600


def test_references_that_were_returned_survive_a_kill(tmp_path):
    code = (
        "import os, sys; from pathlib import Path; from crashdesk.server.intake.blobs import BlobStore\n"
        "store = BlobStore.open(Path(sys.argv[1]))\n"
        "while True: print(*store.append([os.urandom(300), b'kept']), flush=True)"
    )
    writer = subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "blobs")], stdout=subprocess.PIPE, text=True)
    lines = [writer.stdout.readline().split() for _ in range(20)]
    writer.send_signal(signal.SIGKILL)
    lines += [line.split() for line in writer.stdout.read().splitlines() if line.count(":") == 4]
    writer.wait()
    writer.stdout.close()
    store = BlobStore.open(tmp_path / "blobs")
    assert {store.read(kept) for _, kept in lines} == {b"kept"}

"""The local folder: packs roll, torn writes are noticed, files are private, several processes append."""

import os
import signal
import struct
import subprocess
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor

import pytest
import zstandard

from crashdesk.errors import StorageError
from crashdesk.server.intake.blobs import Kind, Owner, Record
from crashdesk.server.intake.blobs.local import LocalBlobs

OWNER = Owner(Kind.EVENT, 1, 2)


@pytest.fixture
def store(tmp_path):
    return LocalBlobs.open(tmp_path / "blobs", pack_bytes=10_000)


def records(*bodies):
    return [Record(OWNER, body) for body in bodies]


def packs(tmp_path):
    return sorted(path.name for path in (tmp_path / "blobs").glob("*.pack"))


def of_version_one(body):
    frame = zstandard.ZstdCompressor().compress(body)
    return struct.pack(">4sII", b"CDB1", zlib.crc32(frame), len(frame)) + frame


def test_text_is_stored_compressed(store, tmp_path):
    store.append(records(b"repeated " * 10_000))
    assert (tmp_path / "blobs" / "000001.pack").stat().st_size < 200


def test_a_full_pack_is_followed_by_the_next_number(store, tmp_path):
    references = store.append(records(*(os.urandom(6000) for _ in range(5))))
    assert [reference.partition(":")[0] for reference in references] == ["1", "1", "2", "2", "3"]
    assert packs(tmp_path) == ["000001.pack", "000002.pack", "000003.pack"]
    assert [pack.name for pack in store.packs()] == ["1", "2"]


def test_another_process_reads_and_a_new_writer_goes_on(store, tmp_path):
    [first] = store.append(records(b"first"))
    other = LocalBlobs.open(tmp_path / "blobs", pack_bytes=10_000)
    [second] = other.append(records(b"second"))
    [third] = store.append(records(b"third"))
    assert [other.read(found) for found in (first, second, third)] == [b"first", b"second", b"third"]
    assert packs(tmp_path) == ["000001.pack"]


def test_writers_at_the_same_time_never_mix_their_records(tmp_path):
    def write(number):
        own = LocalBlobs.open(tmp_path / "blobs", pack_bytes=50_000)
        return [(own.append(records(b"%d-%d" % (number, turn)))[0], b"%d-%d" % (number, turn)) for turn in range(50)]

    with ThreadPoolExecutor(4) as threads:
        written = [pair for pairs in threads.map(write, range(4)) for pair in pairs]
    store = LocalBlobs.open(tmp_path / "blobs")
    assert all(store.read(reference) == body for reference, body in written)


@pytest.mark.parametrize("torn", [b"CDB2\x00\x00half a rec", bytes(500), b"\xff" * 30, b"\xfb\r<"])
def test_half_a_record_of_a_killed_writer_ends_its_pack(store, tmp_path, torn):
    [first] = store.append(records(b"first"))
    with (tmp_path / "blobs" / "000001.pack").open("ab") as pack:
        pack.write(torn)
    [second] = LocalBlobs.open(tmp_path / "blobs").append(records(b"second"))
    [third] = store.append(records(b"third"))
    assert [found.partition(":")[0] for found in (first, second, third)] == ["1", "2", "2"]
    assert [store.read(found) for found in (first, second, third)] == [b"first", b"second", b"third"]


def test_a_walk_passes_over_what_is_torn(store, tmp_path):
    [first] = store.append(records(b"first"))
    pack = tmp_path / "blobs" / "000001.pack"
    whole = pack.read_bytes()
    pack.write_bytes(whole + whole[:-5] + b"CDB2 and CDB" + whole)
    assert [found.owner for found in store.records("1")] == [OWNER, OWNER]
    assert next(store.records("1")).reference == first


def test_bodies_of_the_first_version_stay_readable_and_can_be_erased(store, tmp_path):
    old = of_version_one(b"an old body") + of_version_one(b"another one")
    (tmp_path / "blobs" / "000001.pack").write_bytes(old)
    first, second = (found.reference for found in store.records("1"))
    assert (store.read(first), store.size(second)) == (b"an old body", 11)
    store.erase([first])
    assert b"an old body" not in (tmp_path / "blobs" / "000001.pack").read_bytes()
    assert store.read(second) == b"another one"
    with pytest.raises(StorageError):
        store.read(first)


def test_what_killed_writers_left_is_overwritten_by_cleaning(store, tmp_path):
    [first] = store.append(records(b"first"))
    pack = tmp_path / "blobs" / "000001.pack"
    whole = pack.read_bytes()
    pack.write_bytes(whole + b"CDB2 half of a secret" + whole + b"the tail of a secret")
    store.clean("1")
    assert b"secret" not in pack.read_bytes()
    assert [content for _, content in store.contents("1")] == [b"first", b"first"]
    [second] = store.append(records(b"second"))
    assert (store.read(first), store.read(second)) == (b"first", b"second")


def test_erasing_gives_the_space_back(tmp_path):
    store = LocalBlobs.open(tmp_path / "blobs")
    [gone] = store.append([Record(OWNER, os.urandom(1_000_000))])
    pack = tmp_path / "blobs" / "000001.pack"
    before = pack.stat().st_blocks
    store.erase([gone])
    assert pack.stat().st_blocks < before / 10


def test_a_pack_that_is_gone_is_said(store):
    with pytest.raises(StorageError, match="not there"):
        store.read("9:0:60")


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="cannot be made"):
        LocalBlobs.open(tmp_path / "file" / "blobs")


def test_a_full_disk_is_said_and_leaves_no_half_record(store, tmp_path, monkeypatch):
    [first] = store.append(records(b"first"))
    size = (tmp_path / "blobs" / "000001.pack").stat().st_size
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(StorageError, match="No space left"):
        store.append(records(b"second"))
    monkeypatch.undo()
    assert (tmp_path / "blobs" / "000001.pack").stat().st_size == size
    assert store.read(first) == b"first"


def test_folders_and_files_are_private_whatever_the_umask(tmp_path):
    before = os.umask(0)
    try:
        store = LocalBlobs.open(tmp_path / "blobs")
        store.append(records(b"x"))
        store.put([b"x"], OWNER)
    finally:
        os.umask(before)
    found = [tmp_path / "blobs", *(tmp_path / "blobs").rglob("*")]
    assert {path.stat().st_mode & 0o777 for path in found if path.is_dir()} == {0o700}
    assert {path.stat().st_mode & 0o777 for path in found if path.is_file()} == {0o600}


def test_what_a_killed_writer_left_of_a_large_file_is_removed_and_told(store, tmp_path):
    store.put([b"whole"], OWNER)
    half = next((tmp_path / "blobs" / "large").iterdir()) / ("ab" * 16 + ".new")
    half.write_bytes(b"half")
    assert store.left_behind(half.stat().st_mtime - 1) == []
    assert store.left_behind(half.stat().st_mtime + 1) == [half]
    assert not half.exists()


def test_references_that_were_returned_survive_a_kill(tmp_path):
    code = (
        "import os, sys; from pathlib import Path\n"
        "from crashdesk.server.intake.blobs import Kind, Owner, Record\n"
        "from crashdesk.server.intake.blobs.local import LocalBlobs\n"
        "store, owner = LocalBlobs.open(Path(sys.argv[1])), Owner(Kind.EVENT, 1, 1)\n"
        "while True: print(*store.append([Record(owner, os.urandom(300)), Record(owner, b'kept')]), flush=True)"
    )
    writer = subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "blobs")], stdout=subprocess.PIPE, text=True)
    lines = [writer.stdout.readline().split() for _ in range(20)]
    writer.send_signal(signal.SIGKILL)
    lines += [line.split() for line in writer.stdout.read().splitlines() if line.count(":") == 4]
    writer.wait()
    writer.stdout.close()
    store = LocalBlobs.open(tmp_path / "blobs")
    assert {store.read(kept) for _, kept in lines} == {b"kept"}
    [later] = store.append(records(b"later"))
    assert store.read(later) == b"later"

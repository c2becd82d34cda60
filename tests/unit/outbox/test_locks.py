import os
import subprocess
import sys

from crashdesk.outbox.locks import FileLock, is_held
from support.waiting import until

HOLD = """
import sys, pathlib
from crashdesk.outbox.locks import FileLock
lock = FileLock.acquire(pathlib.Path(sys.argv[1]))
print("held" if lock else "refused", flush=True)
sys.stdin.read()
"""


def holder(path):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    return process, process.stdout.readline().strip()


def finish(process):
    process.kill()
    process.communicate()


def test_a_lock_is_held_once_in_one_process(tmp_path):
    first = FileLock.acquire(tmp_path / "lock")
    assert FileLock.acquire(tmp_path / "lock") is None
    assert is_held(tmp_path / "lock")
    first.release()
    assert not is_held(tmp_path / "lock")
    with FileLock.acquire(tmp_path / "lock"):
        assert is_held(tmp_path / "lock")


def test_a_lock_is_held_once_among_processes(tmp_path):
    process, said = holder(tmp_path / "lock")
    try:
        assert said == "held"
        assert is_held(tmp_path / "lock")
        assert FileLock.acquire(tmp_path / "lock") is None
    finally:
        finish(process)


def test_looking_at_a_lock_does_not_release_it(tmp_path):
    with FileLock.acquire(tmp_path / "lock"):
        is_held(tmp_path / "lock")
        process, said = holder(tmp_path / "lock")
        finish(process)
    assert said == "refused"


def test_a_lock_dies_with_its_process(tmp_path):
    process, _ = holder(tmp_path / "lock")
    finish(process)
    assert until(lambda: FileLock.acquire(tmp_path / "lock"), what="the dead process's lock is free")


def test_a_child_by_fork_does_not_keep_its_parents_lock(tmp_path):
    lock = FileLock.acquire(tmp_path / "lock")
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(writer)
        os.read(reader, 1)  # lives until the parent lets go
        os._exit(0)
    os.close(reader)
    lock.release()
    process, said = holder(tmp_path / "lock")
    finish(process)
    os.close(writer)
    os.waitpid(child, 0)
    assert said == "held"


def test_a_missing_lock_is_not_held(tmp_path):
    assert not is_held(tmp_path / "none")

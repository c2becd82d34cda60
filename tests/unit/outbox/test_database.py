import os
import subprocess
import sys
import threading

import pytest

from crashdesk.errors import StorageError
from crashdesk.outbox.location import OUTBOX_FILE
from crashdesk.outbox.store import State
from support.outboxes import envelope_bytes, new_report, open_outbox
from support.waiting import until


@pytest.fixture
def outbox(tmp_path):
    outbox = open_outbox(tmp_path / "outbox")
    yield outbox
    outbox.close()


def damage(directory):
    """Overwrite the file's beginning, as a failing disk does."""
    for path in directory.glob(f"{OUTBOX_FILE}*"):
        path.write_bytes(b"\xde\xad" * 4096)


def tell(outbox, pragma):
    outbox.database._open().execute(f"PRAGMA {pragma}")


def test_a_damaged_file_is_set_aside_and_a_new_one_begun(tmp_path, expected_logs):
    expected_logs(r"set aside as outbox\.damaged-1\.sqlite")
    tmp_path.chmod(0o700)
    damaged = tmp_path / OUTBOX_FILE
    damaged.write_bytes(b"no database at all " * 1000)
    outbox = open_outbox(tmp_path)
    outbox.put(new_report())
    assert outbox.count(State.READY) == 1
    assert (tmp_path / "outbox.damaged-1.sqlite").read_bytes().startswith(b"no database")


def test_damage_while_it_is_open_costs_no_new_report(outbox, expected_logs):
    expected_logs("was damaged")
    outbox.put(new_report())
    outbox.database.checkpoint()
    damage(outbox.directory)
    outbox.close()
    number = outbox.put(new_report("b" * 32))
    assert outbox.get(number).envelope == envelope_bytes("b" * 32)


def test_damaged_files_do_not_overwrite_each_other(tmp_path, expected_logs):
    expected_logs("damaged-1")
    expected_logs("damaged-2")
    for _ in range(2):
        (tmp_path / OUTBOX_FILE).write_bytes(b"rubbish" * 1000)
        open_outbox(tmp_path).close()
    assert len(list(tmp_path.glob("outbox.damaged-*"))) == 2


def test_a_file_that_somebody_moved_away_is_begun_anew(outbox):
    outbox.put(new_report())
    for path in outbox.directory.glob(f"{OUTBOX_FILE}*"):
        path.unlink()
    number = outbox.put(new_report("b" * 32))
    assert outbox.get(number).event_id == "b" * 32
    assert (outbox.directory / OUTBOX_FILE).exists()


def test_a_full_disk_is_one_clear_error_and_heals_without_a_restart(outbox):
    tell(outbox, "max_page_count=30")
    with pytest.raises(StorageError, match="the disk is full: make room"):
        outbox.put(new_report(envelope=b"x" * 1_000_000))
    tell(outbox, "max_page_count=1000000")
    outbox.put(new_report(envelope=b"x" * 1_000_000))
    assert outbox.count(State.READY) == outbox.counter("captured") == 1


def test_a_read_only_disk_is_one_clear_error(outbox):
    tell(outbox, "query_only=ON")
    with pytest.raises(StorageError, match="read-only"):
        outbox.put(new_report())
    tell(outbox, "query_only=OFF")
    outbox.put(new_report())


def test_a_newer_format_is_refused_in_one_sentence(outbox):
    tell(outbox, "user_version=99")
    outbox.close()
    with pytest.raises(StorageError, match=r"newer Crashdesk.*update this program"):
        open_outbox(outbox.directory)


def test_a_forked_child_writes_through_its_own_connection(outbox):
    outbox.put(new_report())
    child = os.fork()
    if child == 0:
        try:
            outbox.put(new_report("c" * 32))
            os._exit(0)
        except BaseException:  # noqa: BLE001 - a child by fork must not run the tests after this one
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert status == 0
    outbox.put(new_report())
    assert outbox.count(State.READY) == 3


def test_a_fork_while_another_thread_writes_does_not_hang_the_child(outbox):
    inside, leave = threading.Event(), threading.Event()

    def hold(_connection):
        inside.set()
        leave.wait(10)

    holder = threading.Thread(target=outbox.database.write, args=(hold,))
    holder.start()
    inside.wait(10)
    child = os.fork()
    if child == 0:
        outbox.count(State.READY)
        os._exit(0)
    leave.set()
    holder.join()
    assert os.waitpid(child, 0)[1] == 0


def test_a_report_put_by_a_finalizer_within_a_write_is_kept(outbox):
    outbox.database.write(lambda _connection: outbox.put(new_report()))
    assert outbox.count(State.READY) == 1


def test_a_failed_write_leaves_nothing_behind(outbox):
    def work(connection):
        connection.execute("INSERT INTO facts VALUES ('half', '1', 0)")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        outbox.database.write(work)
    assert outbox.fact("half") is None


PUT_UNTIL_KILLED = """
import sys, uuid
from support.outboxes import new_report
from crashdesk.outbox.store import Outbox
outbox = Outbox.open(sys.argv[1])
while True:
    event_id = uuid.uuid4().hex
    outbox.put(new_report(event_id, words="x" * 20_000))
    print(event_id, flush=True)
"""


def test_what_was_acknowledged_survives_kill_9(tmp_path, is_long):
    directory = tmp_path / "outbox"
    acknowledged = set()
    for round_number in range(20 if is_long else 4):
        wanted = 3 + round_number * 5 % 11
        process = subprocess.Popen(
            [sys.executable, "-c", PUT_UNTIL_KILLED, str(directory)], stdout=subprocess.PIPE, text=True, cwd="tests"
        )
        try:
            acknowledged |= {process.stdout.readline().strip() for _ in range(wanted)}
        finally:
            process.kill()
            rest = process.communicate()[0]
        acknowledged |= {line for line in rest.splitlines() if len(line) == 32}
    outbox = until(lambda: open_outbox(directory))
    kept = {report.event_id for report in outbox.reports()}
    assert acknowledged <= kept
    assert outbox.database.read(lambda c: c.execute("PRAGMA integrity_check").fetchone()[0]) == "ok"

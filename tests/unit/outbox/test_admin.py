import pytest

from crashdesk.clock import FrozenClock
from crashdesk.errors import UsageError
from crashdesk.outbox import admin
from crashdesk.outbox.location import OUTBOX_FILE
from crashdesk.outbox.quota import Caps
from crashdesk.outbox.store import State
from support.outboxes import new_report, open_outbox


@pytest.fixture
def outbox(tmp_path):
    outbox = open_outbox(tmp_path / "outbox")
    yield outbox
    outbox.close()


def test_looking_makes_no_outbox(tmp_path):
    with pytest.raises(UsageError, match="There is no outbox"):
        admin.open_existing(tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_the_list_says_what_a_person_wants_to_know(outbox):
    outbox.put(new_report("a" * 32))
    outbox.later(outbox.claim()[0], 60, "no network")
    (row,) = admin.listing(outbox)
    assert (row["event_id"], row["state"], row["reason"]) == ("a" * 32, "later", "no network")
    assert (row["created_at"], row["next_at"]) == ("2026-01-01T00:00:00+00:00", "2026-01-01T00:01:00+00:00")
    assert "envelope" not in row


def test_every_report_is_accounted_for(tmp_path):
    clock = FrozenClock()
    outbox = open_outbox(tmp_path, clock, caps=Caps(reports=4, size_bytes=10**9, age_days=30))
    for _ in range(8):
        clock.advance(1)
        outbox.put(new_report())  # four of them are given up
    outbox.done(outbox.claim()[0])
    outbox.park(outbox.claim()[0], "refused")
    outbox.later(outbox.claim()[0], 60, "network")
    outbox.put(new_report(state=State.WAITING))
    outbox.refuse(outbox.put(new_report(state=State.WAITING)))
    found = admin.balance(outbox)
    assert (found.captured, found.delivered, found.missing) == (10, 1, 0)
    assert found.states == {"later": 1, "ready": 1, "waiting": 1}  # the parked one gave way to the newest
    assert found.dropped == {"by_person": 1, "queue_overflow": 4, "send_error": 1}
    assert found.refused_and_deleted == 1


def test_a_missing_report_is_noticed(outbox):
    outbox.put(new_report())
    outbox.database.write(lambda connection: connection.execute("DELETE FROM reports"))
    assert admin.balance(outbox).missing == 1


def test_repair_takes_back_what_a_damaged_file_still_holds(outbox, expected_logs):
    expected_logs("was damaged")
    words = [f"report {number} " + "x" * 9000 for number in range(40)]
    numbers = [outbox.put(new_report(words=text, state=State.WAITING)) for text in words]
    outbox.approve(numbers[0])
    outbox.close()
    path = outbox.directory / OUTBOX_FILE
    content = bytearray(path.read_bytes())
    middle = len(content) // 2 // 4096 * 4096
    content[middle : middle + 4096] = b"\x99" * 4096
    path.write_bytes(content)
    done = admin.repair(outbox)
    assert done.was_damaged
    assert 30 <= done.recovered < 40
    assert done.unreadable_files == ["outbox.damaged-1.sqlite"]
    assert outbox.count(State.WAITING) + outbox.count(State.READY) == done.recovered
    assert admin.balance(outbox).missing == 0
    assert admin.repair(outbox).recovered == 0  # nothing comes twice


def test_repair_removes_a_file_of_which_nothing_is_left_to_save(outbox):
    outbox.put(new_report("a" * 32))
    outbox.close()
    (outbox.directory / OUTBOX_FILE).replace(outbox.directory / "outbox.damaged-1.sqlite")
    done = admin.repair(outbox)
    assert (done.was_damaged, done.recovered, done.unreadable_files) == (False, 1, [])
    assert [report.event_id for report in outbox.reports()] == ["a" * 32]
    assert list(outbox.directory.glob("*damaged*")) == []


def test_repair_keeps_a_file_that_is_no_database(outbox):
    (outbox.directory / "outbox.damaged-1.sqlite").write_bytes(b"rubbish" * 1000)
    assert admin.repair(outbox).unreadable_files == ["outbox.damaged-1.sqlite"]


def test_repair_frees_what_a_dead_agent_had_claimed(outbox):
    outbox.put(new_report())
    outbox.claim()
    assert admin.repair(outbox).freed_claims == 1
    assert len(outbox.claim()) == 1

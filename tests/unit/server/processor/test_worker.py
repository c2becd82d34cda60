import os

import pytest
from django.db import IntegrityError, OperationalError

from crashdesk.errors import StorageError
from crashdesk.server.events import queries as events
from crashdesk.server.events.models import Event
from crashdesk.server.grouping import fingerprint
from crashdesk.server.grouping.parts import Part
from crashdesk.server.intake.embedded import EmbeddedIntake
from crashdesk.server.issues.models import GroupingKey, Issue
from crashdesk.server.processor import worker
from crashdesk.server.processor.recovery import PATIENCE, Notes
from crashdesk.server.processor.storing import store
from support.events import event
from support.reports import an_envelope, event_item
from support.rows import a_project


class UntilIdle(worker.Wake):
    """Ends the loop as soon as it waits a given number of times."""

    def __init__(self, waits=1):
        super().__init__()
        self.pauses = []
        self._waits = waits

    def wait(self, seconds):
        self.pauses.append(seconds)
        if len(self.pauses) == self._waits:
            self.stop()


def reports(number):
    return [an_envelope(event_item(event())) for _ in range(number)]


def poisoned(event_id):
    """Return a `store` that refuses the event with this id, whatever stands beside it."""

    def refuse(batch, now):
        if any(draft.id == event_id for prepared in batch for draft in prepared.drafts):
            raise IntegrityError("text of the report")
        store(batch, now)

    return refuse


def test_everything_that_waits_is_processed_in_order(intake):
    envelopes = reports(300)
    intake.add(*envelopes)
    worker.run(intake.queue, UntilIdle(), Notes())
    stored = Event.objects.order_by("id").values_list("event_id", flat=True)
    assert [found.hex for found in stored] == [envelope.event_id for envelope in envelopes]
    assert intake.waiting() == 0


def test_each_project_is_grouped_by_its_own_version_until_it_moves(intake, monkeypatch):
    monkeypatch.setitem(fingerprint.VERSIONS, 2, lambda _: [Part("client", "of version two")])
    moved = a_project("moved")
    type(moved).objects.filter(pk=moved.pk).update(grouping_version=2)
    intake.add(*reports(2))
    intake.add(*reports(2), project_id=moved.pk)
    intake.process()
    stored = Event.objects.order_by("id").values_list("project_id", "grouping_version")
    assert list(stored) == [(intake.project_id, 1)] * 2 + [(moved.pk, 2)] * 2
    assert set(GroupingKey.objects.values_list("project_id", "version")) == {(intake.project_id, 1), (moved.pk, 2)}


def test_without_an_intake_the_loop_waits(intake, tmp_path):
    wake = UntilIdle()
    worker.run(EmbeddedIntake(tmp_path / "none.sqlite", lambda: 0, lambda _: None), wake, Notes())
    assert wake.pauses == [worker.LOOK_SECONDS]


def test_nothing_is_processed_twice_after_a_new_start(intake):
    intake.process(*reports(3))
    intake.queue.close()
    worker.run(intake.queue, UntilIdle(), Notes())
    assert Event.objects.count() == Issue.objects.get().event_count == 3


def test_what_failed_halfway_is_neither_lost_nor_doubled(intake, monkeypatch):
    def halfway(*_):
        raise OperationalError("disk full")

    intake.add(*reports(3))
    with monkeypatch.context() as patch:
        patch.setattr(intake.queue, "finish", halfway)
        with pytest.raises(OperationalError):
            intake.process()
    assert (Event.objects.count(), Issue.objects.count(), events.intake_position()) == (0, 0, 0)
    intake.process()
    assert (Event.objects.count(), Issue.objects.get().event_count) == (3, 3)


def test_one_poisonous_report_is_set_aside_and_the_others_go_on(intake, monkeypatch, expected_logs):
    expected_logs("Report 5 could not be processed: IntegrityError")
    envelopes = reports(9)
    monkeypatch.setattr(worker, "store", poisoned(envelopes[4].event_id))
    intake.process(*envelopes)
    assert Event.objects.count() == 8
    (found,) = events.failed_reports([intake.project_id])
    assert (found.reason, events.raw_bytes(found)) == ("IntegrityError", envelopes[4].to_bytes())


def test_a_report_that_stops_the_reader_is_set_aside(intake, monkeypatch, expected_logs):
    def broken(*_):
        raise MemoryError

    expected_logs("Report 1 could not be processed: MemoryError")
    monkeypatch.setattr(worker, "prepare", broken)
    intake.process(*reports(1))
    assert [found.reason for found in events.failed_reports([intake.project_id])] == ["MemoryError"]


def test_trouble_with_the_disk_is_waited_out_longer_each_time(intake, monkeypatch, expected_logs):
    def full(*_):
        raise StorageError("Bodies cannot be written.")

    expected_logs("Processing waits, reports are kept: Bodies cannot be written")
    intake.add(*reports(1))
    wake = UntilIdle(waits=8)
    monkeypatch.setattr(worker, "store", full)
    monkeypatch.setattr("django.db.connection.close", lambda: None)  # the test's transaction lives on it
    worker.run(intake.queue, wake, Notes())
    assert wake.pauses == [0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0, 5.0]
    assert events.failed_reports([intake.project_id]) == []
    assert intake.waiting() == 1


def test_a_report_that_ends_the_process_is_found_by_starts_that_bring_nothing(intake, expected_logs):
    expected_logs("Earlier starts brought nothing forward")
    expected_logs("Report 2 could not be processed: EndedTheProcessor")
    intake.add(*reports(3))
    notes = Notes()
    for _ in range(PATIENCE):
        assert not notes.note_start()
    notes.name_suspect(2)
    intake.process()
    assert Event.objects.count() == 2
    assert [found.reason for found in events.failed_reports([intake.project_id])] == ["EndedTheProcessor"]
    assert not notes.suspects()


def test_starts_that_bring_something_forward_are_no_reason_for_care(intake):
    for _ in range(PATIENCE * 2):
        worker.run(intake.queue, UntilIdle(), Notes())
        intake.add(*reports(1))
    assert Event.objects.count() == PATIENCE * 2 - 1


def test_large_reports_are_stored_in_several_transactions(intake, monkeypatch):
    sizes = []

    def counting(batch, now):
        sizes.append(len(batch))
        store(batch, now)

    monkeypatch.setattr(worker, "store", counting)
    monkeypatch.setattr(worker, "BATCH_BYTES", 5000)
    intake.process(*[an_envelope(event_item(event(extra={"a": "x" * 3000}))) for _ in range(4)])
    assert Event.objects.count() == 4
    assert max(sizes) <= 2


def test_a_byte_ends_the_wait_and_is_taken():
    reading, writing = os.pipe()
    wake = worker.Wake(reading)
    os.write(writing, b"ww")
    wake.wait(60)
    os.write(writing, b"w")
    wake.wait(60)
    os.set_blocking(reading, False)
    with pytest.raises(BlockingIOError):
        os.read(reading, 1)
    os.close(writing)
    wake.wait(60)
    wake.wait(0)
    os.close(reading)


def test_a_stop_ends_the_wait():
    wake = worker.Wake(-1)
    wake.stop()
    wake.wait(60)
    assert wake.is_stopped

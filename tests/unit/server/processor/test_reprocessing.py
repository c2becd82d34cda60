import gzip
from datetime import timedelta

import pytest

from crashdesk.protocol.envelope import Item
from crashdesk.server.events import queries as events
from crashdesk.server.events.models import Event, FailedReport
from crashdesk.server.issues.models import Issue
from crashdesk.server.outcomes import queries as outcomes
from crashdesk.server.processor import drafting
from crashdesk.server.processor.reprocessing import Result, Selection, reprocess
from support.drafts import RECEIVED_AT
from support.events import event
from support.reports import an_envelope, event_item
from support.rows import a_project

ALL = Selection()


@pytest.fixture
def broken(monkeypatch, expected_logs):
    """Let every event fail until the fault is mended by calling what this gives."""

    def fails(_):
        raise KeyError

    expected_logs("could not be processed")
    monkeypatch.setattr(drafting, "process", fails)
    return monkeypatch.undo


def balances(intake):
    return {row.category: (row.received, row.stored, row.dropped) for row in outcomes.account([intake.project_id])}


def differences(intake):
    return {row.difference for row in outcomes.account([intake.project_id])}


def test_an_event_that_failed_is_stored_after_the_fault_is_mended(intake, broken):
    envelope = an_envelope(event_item(event()), withdrawal_digest="d" * 64, sent_at="2026-03-02T12:30:00Z")
    intake.process(envelope, items="event=1")
    assert balances(intake) == {"error": (1, 0, {"not_processed": 1})}
    broken()
    assert reprocess(ALL) == Result(1, 1, 0)
    row = Event.objects.get()
    assert (row.hex_id, row.received_at) == (envelope.event_id, RECEIVED_AT)
    assert events.body(row)["_crashdesk"]["withdrawal_digest"] == "d" * 64
    assert FailedReport.objects.count() == 0
    assert balances(intake) == {"error": (1, 1, {})}


def test_a_whole_body_is_read_again_as_it_came(intake, monkeypatch, expected_logs):
    expected_logs("could not be processed")
    with monkeypatch.context() as fault:
        fault.setattr("crashdesk.server.processor.worker.prepare", lambda *_: 1 / 0)
        body = gzip.compress(an_envelope(event_item(event()), Item.attachment("a", b"x")).to_bytes())
        intake.process(body, encoding="gzip", items="event=1 attachment=1")
    assert FailedReport.objects.get().reason == "ZeroDivisionError"
    assert reprocess(ALL).stored == 1
    assert balances(intake) == {"attachment": (1, 1, {}), "error": (1, 1, {})}


def test_what_the_door_did_not_count_is_counted_when_it_can_be_read(intake, monkeypatch, expected_logs):
    expected_logs("could not be processed")
    with monkeypatch.context() as fault:
        fault.setattr("crashdesk.server.processor.worker.prepare", lambda *_: 1 / 0)
        intake.process(an_envelope(event_item(event())))
    reprocess(ALL)
    assert differences(intake) == {0}
    assert balances(intake)["error"] == (1, 1, {})


def test_what_was_over_a_limit_stays_out(intake, monkeypatch, expected_logs):
    expected_logs("could not be processed")
    with monkeypatch.context() as fault:
        fault.setattr("crashdesk.server.processor.worker.prepare", lambda *_: 1 / 0)
        envelope = an_envelope(event_item(event()), Item.attachment("a", b"x"))
        intake.process(envelope, items="event=1 attachment=1!key_rate")
    reprocess(ALL)
    assert balances(intake) == {"attachment": (1, 0, {"key_rate": 1}), "error": (1, 1, {})}


def test_what_fails_again_stays_with_its_new_reason_and_its_tries(intake):
    intake.process(b"nonsense", items="event=1")
    FailedReport.objects.update(reason="KeyError")
    assert reprocess(ALL) == Result(1, 0, 1)
    found = FailedReport.objects.get()
    assert (found.reason, found.tries, events.raw_bytes(found)) == ("not_an_envelope", 1, b"nonsense")
    assert balances(intake) == {"error": (1, 0, {"not_readable": 1})}


def test_an_event_that_came_again_meanwhile_is_a_duplicate(intake, broken):
    envelope = an_envelope(event_item(event()))
    intake.process(envelope)
    broken()
    intake.process(an_envelope(event_item(event()), event_id=envelope.event_id))
    reprocess(ALL)
    assert Issue.objects.get().event_count == 1
    assert balances(intake) == {"error": (2, 1, {"duplicate": 1})}


def test_reports_are_chosen_by_project_reason_time_and_text(intake, broken):
    other = a_project("other").pk
    intake.process(an_envelope(event_item(event(extra={"where": "cellar"}))))
    intake.process(an_envelope(event_item(event())), project_id=other)
    broken()
    found = [
        reprocess(selection, is_dry_run=True).found
        for selection in (
            ALL,
            Selection([other]),
            Selection(reason="keyerr"),
            Selection(reason="memory"),
            Selection(since=RECEIVED_AT + timedelta(seconds=1)),
            Selection(text="cellar"),
            Selection(report_ids=[]),
        )
    ]
    assert found == [2, 1, 2, 0, 0, 1, 0]
    assert FailedReport.objects.count() == 2


def test_progress_is_told_after_each_portion(intake, broken, monkeypatch):
    intake.process(*[an_envelope(event_item(event())) for _ in range(3)])
    broken()
    monkeypatch.setattr("crashdesk.server.processor.reprocessing.PORTION", 2)
    said = []
    assert reprocess(ALL, lambda done, of: said.append((done, of))).stored == 3
    assert said == [(2, 3), (3, 3)]


def test_one_that_cannot_be_stored_does_not_cost_the_others(intake, broken, monkeypatch, expected_logs):
    from crashdesk.server.processor import storing

    record = storing.record

    def poisoned(project_id, occurrences, *rest):
        if any(one.type == "Poison" for one in occurrences):
            raise ValueError
        return record(project_id, occurrences, *rest)

    intake.process(*[an_envelope(event_item(event({"type": name}))) for name in ("A", "Poison", "B")])
    broken()
    expected_logs("could not be stored when it was tried again: ValueError")
    monkeypatch.setattr(storing, "record", poisoned)
    assert reprocess(ALL) == Result(3, 2, 1)
    assert FailedReport.objects.get().reason == "ValueError"


def test_bytes_that_are_stored_now_leave_the_blobs(intake, broken):
    from crashdesk.server.events.models import GoneBlob

    intake.process(an_envelope(event_item(event())))
    reference = FailedReport.objects.get().blob
    broken()
    reprocess(ALL)
    assert list(GoneBlob.objects.values_list("reference", flat=True)) == [reference]

"""What a batch of reports leaves in the tables, and that nothing is doubled, with one processor or several."""

from threading import Thread
from uuid import uuid4

from django.db import connection

from crashdesk.protocol.envelope import Item
from crashdesk.protocol.feedback import Feedback as Words
from crashdesk.server.events import queries as events
from crashdesk.server.events.models import Attachment, Event
from crashdesk.server.issues.models import Issue, IssueHour, IssueTag, IssueUser
from crashdesk.server.outcomes.models import OutcomeHour
from crashdesk.server.processor.recovery import PATIENCE, Notes
from support.events import event, frame, raised
from support.reports import a_new_row, an_envelope, event_item


def reports(number, **more):
    return [an_envelope(event_item(event(**more))) for _ in range(number)]


def outcomes(world):
    found = OutcomeHour.objects.filter(project_id=world.project_id).exclude(outcome="received")
    return {(row.category, row.outcome, row.reason): row.quantity for row in found}


def test_a_batch_becomes_events_issues_and_their_counters(world):
    other = event_item(event(raised(frames=[frame("fieldbook.other", "place")]), user={"id": "2"}))
    world.process(*reports(3, user={"id": "1"}, tags={"theme": "dark"}), an_envelope(other))
    assert Event.objects.count() == 4
    assert sorted(Issue.objects.values_list("event_count", "user_count")) == [(1, 1), (3, 1)]
    assert IssueTag.objects.get(key="theme").count == 3
    assert sum(IssueHour.objects.values_list("count", flat=True)) == 4
    assert IssueUser.objects.count() == 2
    assert outcomes(world) == {("error", "accepted", ""): 4}
    assert world.intake.waiting() == 0


def test_repeats_are_stored_once_and_counted(world):
    envelope = an_envelope(event_item(event()), Item({"type": "attachment", "filename": "a.txt"}, b"a"))
    world.process(envelope, envelope)
    world.process(envelope)
    assert (Event.objects.count(), Attachment.objects.count(), Issue.objects.get().event_count) == (1, 1, 1)
    assert outcomes(world)["error", "filtered", "duplicate"] == 2


def test_a_body_is_read_back_as_it_was_processed(world):
    envelope = an_envelope(event_item(event(extra={"note": "Grüße, \U0001f600", "password": "geheim"})))
    world.process(envelope)
    row = events.event([world.project_id], envelope.event_id)
    assert events.body(row)["extra"] == {"note": "Grüße, \U0001f600", "password": "[removed]"}


def test_what_no_database_takes_is_stored_nevertheless(world):
    hostile = event(raised("Key\0Error", "a\0b \ud800"), tags={"a\0b": "c\0d"}, release="x\0y", user={"id": "\0"})
    envelope = an_envelope(Item({"type": "event"}, str(hostile).replace("'", '"').encode("utf-8", "replace")))
    world.process(envelope, an_envelope(event_item({**event(), "message": "a\0b", "transaction": "\0"})))
    assert Event.objects.count() + len(events.failed_reports([world.project_id])) == 2


def test_words_and_their_event_meet_whichever_comes_first(world):
    envelope = an_envelope(event_item(event()))
    words = Words(uuid4().hex, "it broke", associated_event_id=envelope.event_id).to_item()
    world.process(an_envelope(words), envelope)
    assert Issue.objects.get().feedback_count == 1


def test_a_large_body_is_processed_from_where_it_lies(world):
    file = Item({"type": "attachment", "filename": "dump", "attachment_type": "event.attachment"}, b"x" * 400_000)
    envelope = an_envelope(event_item(event()), file)
    writer = world.incoming.create()
    writer.write(envelope.to_bytes())
    writer.finish()
    new = a_new_row(b"", project_id=world.project_id, envelope_id=envelope.event_id, body_file=writer.name)
    world.accept(new)
    world.process_what_waits()
    assert [found.size_bytes for found in events.attachments_of(world.project_id, envelope.event_id)] == [400_000]


def test_a_report_that_ends_processors_is_set_aside(world, expected_logs):
    expected_logs("Earlier starts brought nothing forward")
    expected_logs("could not be processed: EndedTheProcessor")
    world.accept(*[a_new_row(one, project_id=world.project_id) for one in reports(3)])
    notes = Notes.of(world.server)
    for _ in range(PATIENCE):
        assert not notes.note_start()
    with world.intake.claim(2) as rows:
        notes.name_suspect(rows[1].position)
    world.process_what_waits()
    notes.close()
    assert Event.objects.count() == 2
    assert [found.reason for found in events.failed_reports([world.project_id])] == ["EndedTheProcessor"]


def test_two_processors_store_each_report_once_and_count_exactly(on_postgres):
    several = reports(300, user={"id": "1"}, tags={"theme": "dark"})
    again = [a_new_row(one, project_id=on_postgres.project_id) for one in (*several, *several)]
    on_postgres.accept(*again)
    failures = []

    def work():
        try:
            on_postgres.process_what_waits()
        except Exception as error:  # noqa: BLE001 - told by the test's own thread
            failures.append(error)
        finally:
            connection.close()

    threads = [Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert (Event.objects.count(), Issue.objects.get().event_count, Issue.objects.get().user_count) == (300, 300, 1)
    assert IssueTag.objects.get(key="theme").count == 300
    assert outcomes(on_postgres) == {("error", "accepted", ""): 300, ("error", "filtered", "duplicate"): 300}
    assert on_postgres.intake.waiting() == 0

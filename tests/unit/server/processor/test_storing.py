from uuid import UUID, uuid4

from crashdesk.protocol.envelope import Item
from crashdesk.protocol.feedback import Feedback as Words
from crashdesk.server.events import queries as events
from crashdesk.server.events.models import Attachment, Event, SeenEnvelope
from crashdesk.server.feedback import queries as feedback
from crashdesk.server.issues import queries as issues
from crashdesk.server.issues.models import Issue
from crashdesk.server.outcomes import queries as outcomes
from support.drafts import RECEIVED_AT
from support.events import event, frame, raised
from support.reports import an_envelope, event_item
from support.rows import a_project


def sums(intake):
    found = outcomes.sums([intake.project_id], RECEIVED_AT.replace(minute=0))
    return {(row.category, row.outcome, row.reason): row.quantity for row in found}


def words_about(event_id, feedback_id=None):
    return Words(feedback_id or uuid4().hex, "it broke", associated_event_id=event_id).to_item()


def test_a_report_becomes_an_event_in_an_issue(intake):
    envelope = an_envelope(event_item(event(raised("KeyError"), user={"id": 1})))
    intake.process(envelope)
    row = events.event([intake.project_id], envelope.event_id)
    assert row is not None
    issue = issues.issue([intake.project_id], row.issue_id)
    assert issue is not None
    assert (issue.title, issue.event_count, issue.user_count, issue.last_event_id) == ("KeyError: 'x'", 1, 1, row.id)
    assert (row.kind, row.release, row.environment) == ("python", "fieldbook@2.4.0", "production")
    assert (row.received_at, row.grouping_version) == (RECEIVED_AT, 1)


def test_the_body_is_what_was_processed(intake):
    envelope = an_envelope(event_item(event(extra={"password": "hunter2"})))
    intake.process(envelope)
    row = events.event([intake.project_id], envelope.event_id)
    assert row is not None
    body = events.body(row)
    assert body["event_id"] == envelope.event_id
    assert body["extra"] == {"password": "[removed]"}
    assert body["_crashdesk"]["grouping"]["key"] == row.grouping_key


def test_the_same_failure_again_raises_the_count_of_one_issue(intake):
    intake.process(*[an_envelope(event_item(event())) for _ in range(3)])
    other = event(raised(frames=[frame("fieldbook.other", "place")]))
    intake.process(an_envelope(event_item(event())), an_envelope(event_item(other)))
    assert sorted(Issue.objects.values_list("event_count", flat=True)) == [1, 4]
    assert sorted(Issue.objects.values_list("number", flat=True)) == [1, 2]


def test_a_repeated_event_is_stored_once_in_one_batch_and_in_two(intake):
    envelope = an_envelope(event_item(event()))
    intake.process(envelope, envelope)
    intake.process(envelope)
    assert Event.objects.count() == Issue.objects.get().event_count == 1
    assert sums(intake) == {("error", "accepted", ""): 1, ("error", "filtered", "duplicate"): 2}


def test_of_two_events_with_one_id_the_first_stays(intake):
    event_id = uuid4().hex
    first, second = (an_envelope(event_item(event(raised(name))), event_id=event_id) for name in ("First", "Second"))
    intake.process(first, second)
    assert Issue.objects.get().type == "First"


def test_one_id_in_two_projects_is_two_events(intake):
    envelope = an_envelope(event_item(event()))
    intake.process(envelope)
    intake.process(envelope, project_id=a_project("other").pk)
    assert Event.objects.count() == Issue.objects.count() == 2


def test_reports_of_several_projects_in_one_batch_stay_apart(intake):
    other = a_project("other").pk
    intake.add(an_envelope(event_item(event())))
    intake.add(an_envelope(event_item(event())), project_id=other)
    intake.process()
    assert sorted(Issue.objects.values_list("project_id", flat=True)) == sorted([intake.project_id, other])
    assert list(Issue.objects.values_list("number", flat=True)) == [1, 1]


def test_files_are_told_apart_by_hash_and_name(intake):
    event_id = uuid4().hex
    files = [
        Item.attachment(name, data) for name, data in (("a", b"1"), ("a", b"2"), ("b", b"1"), ("a", b"1"), ("e", b""))
    ]
    intake.process(an_envelope(*files, event_id=event_id))
    intake.process(an_envelope(files[0], event_item(event()), event_id=event_id))
    stored = events.attachments_of(intake.project_id, event_id)
    assert [(file.name, events.content(file)) for file in stored] == [("a", b"1"), ("a", b"2"), ("b", b"1"), ("e", b"")]
    assert sums(intake)["attachment", "filtered", "duplicate"] == 2


def test_words_in_the_events_own_envelope_are_linked(intake):
    envelope = an_envelope(event_item(event()))
    envelope.items.append(words_about(None))
    intake.process(envelope)
    (row,) = feedback.inbox([intake.project_id])
    assert row.event_id == UUID(envelope.event_id)
    assert row.issue_id == Issue.objects.get().id
    assert Issue.objects.get().feedback_count == 1


def test_words_are_linked_whether_they_come_before_or_after_the_event(intake):
    event_id = uuid4().hex
    intake.process(an_envelope(words_about(event_id)))
    assert feedback.inbox([intake.project_id])[0].issue_id is None
    intake.process(an_envelope(event_item(event()), event_id=event_id))
    intake.process(an_envelope(words_about(event_id)))
    issue = Issue.objects.get()
    assert [row.issue_id for row in feedback.of_issue(intake.project_id, issue.id)] == [issue.id, issue.id]
    assert issue.feedback_count == 2


def test_words_and_event_in_one_batch_are_linked(intake):
    event_id = uuid4().hex
    intake.process(an_envelope(words_about(event_id)), an_envelope(event_item(event()), event_id=event_id))
    assert Issue.objects.get().feedback_count == 1


def test_words_alone_make_no_issue(intake):
    item = Words(uuid4().hex, "nice", kind="praise", contact_email="a@example.org", severity="not").to_item(
        {"release": "fieldbook@2.4.0", "timestamp": RECEIVED_AT.timestamp()}
    )
    intake.process(an_envelope(item), an_envelope(item))
    assert Issue.objects.count() == 0
    first = feedback.inbox([intake.project_id])[-1]
    assert (first.kind, first.message, first.email, first.severity) == ("praise", "nice", "a@example.org", "not")
    assert first.release == "fieldbook@2.4.0"
    assert feedback.body(first)["contexts"]["feedback"]["message"] == "nice"


def test_repeated_words_are_stored_once(intake):
    envelope = an_envelope(words_about(None))
    report = an_envelope(Item.from_json("user_report", {"event_id": "c" * 32, "comments": "x"}), event_id="c" * 32)
    intake.process(envelope, envelope, report)
    intake.process(envelope, report)
    assert len(feedback.inbox([intake.project_id])) == 2


def test_items_without_an_id_are_counted_once_for_each_envelope(intake):
    envelope = an_envelope(Item.from_json("client_report", {}), Item.from_json("session", {}))
    intake.process(envelope, envelope)
    intake.process(envelope)
    assert sums(intake) == {
        ("internal", "accepted", ""): 1,
        ("session", "invalid", "not_readable"): 1,
        ("internal", "filtered", "duplicate"): 2,
        ("session", "filtered", "duplicate"): 2,
    }
    assert SeenEnvelope.objects.count() == 1


def test_items_of_an_envelope_without_an_id_are_counted_as_they_come(intake):
    body = b'{}\n{"type":"client_report"}\n{}\n'
    intake.process(body, body)
    assert sums(intake) == {("internal", "accepted", ""): 2}


def test_whatever_the_request_said_an_unreadable_report_finds_its_place(intake):
    intake.process(b"nonsense", content_type="text/\0plain; x=\ufffd" + "y" * 2000, encoding="", remote="192.0.2.7")
    (found,) = events.failed_reports([intake.project_id])
    assert found.content_type.startswith("text/plain")


def test_an_unreadable_report_can_be_seen_with_its_reason_and_bytes(intake):
    intake.process(b"nonsense", envelope_id="d" * 32)
    intake.process(b"nonsense", envelope_id="d" * 32)
    (found,) = events.failed_reports([intake.project_id])
    assert (found.reason, events.raw_bytes(found)) == ("not_an_envelope", b"nonsense")
    assert found.envelope_id == UUID("d" * 32)


def test_a_later_release_opens_a_resolved_issue(intake):
    intake.process(an_envelope(event_item(event(release="fieldbook@1"))))
    Issue.objects.update(state="resolved", resolved_at=RECEIVED_AT.replace(year=2099))
    intake.process(an_envelope(event_item(event(release="fieldbook@1"))))
    assert Issue.objects.get().state == "resolved"
    Issue.objects.update(resolved_at=RECEIVED_AT)
    intake.process(an_envelope(event_item(event(release="fieldbook@2"))))
    assert Issue.objects.get().state == "unresolved"


def test_tags_and_hours_feed_the_list(intake):
    intake.process(an_envelope(event_item(event(tags={"theme": "dark"}))))
    page = issues.issues(issues.ListRequest([intake.project_id], "theme:dark release:fieldbook@2*"), RECEIVED_AT)
    assert page.total == 1


def test_a_batch_takes_few_statements(intake, django_assert_max_num_queries):
    intake.add(*[an_envelope(event_item(event())) for _ in range(50)])
    with django_assert_max_num_queries(60):
        intake.process()
    assert Event.objects.count() == 50
    assert Attachment.objects.count() == 0

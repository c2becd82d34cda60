import pytest

from crashdesk.server.events import queries as events
from crashdesk.server.events.models import Attachment, Event
from crashdesk.server.feedback import queries as feedback
from crashdesk.server.intake.reading import ENVELOPE, STORE
from crashdesk.server.issues.models import Issue, IssueTag
from crashdesk.server.outcomes import queries as outcomes
from support.drafts import RECEIVED_AT
from support.samples import ALL, ENVELOPES, sample

STORED = [found for found in ALL if "/store/" in found.path]


def processed(intake, found):
    route = STORE if found in STORED else ENVELOPE
    intake.process(found.body, encoding=found.facts["content_encoding"] or "", route=route)
    assert events.failed_reports([intake.project_id]) == []


@pytest.mark.parametrize("found", [*ENVELOPES, *STORED], ids=lambda found: found.name)
def test_a_report_of_a_real_client_is_processed_without_a_note_of_failure(intake, found):
    processed(intake, found)
    for row in Event.objects.all():
        problems = {note["problem"] for note in events.body(row)["_crashdesk"]["notes"]}
        assert problems <= {"device_clock_corrected", "time_of_arrival_taken"}


@pytest.mark.parametrize(
    ("beginning", "kind", "title"),
    [
        ("01", "python", "IndexError: list index out of range"),
        ("03", "python", "IndexError: list index out of range"),
        ("12", "message", "old client says hello"),
        ("13", "message", "old node client"),
        ("14", "error", "SyntaxError: Expected property name"),
        ("17", "error", "TypeError: Cannot read properties of null"),
        ("18", "error", "TypeError: Cannot read properties of null"),
        ("22", "native", "SIGSEGV: address 0xdead"),
    ],
)
def test_an_event_of_a_real_client_becomes_the_right_issue(intake, beginning, kind, title):
    processed(intake, sample(beginning))
    issue = Issue.objects.get()
    assert issue.kind == kind
    assert issue.title.startswith(title)
    assert IssueTag.objects.filter(key="level").exists()


@pytest.mark.parametrize("beginning", ["06", "07", "08", "09", "10", "11", "16", "19"])
def test_what_is_no_event_makes_no_issue_and_is_counted(intake, beginning):
    processed(intake, sample(beginning))
    assert Issue.objects.count() == 0
    assert outcomes.sums([intake.project_id], RECEIVED_AT.replace(minute=0))


def test_attachments_of_a_real_client_are_stored_with_their_event(intake):
    processed(intake, sample("04"))
    row = Event.objects.get()
    assert [len(events.content(file)) for file in events.attachments_of(row.project_id, row.event_id)] == list(
        Attachment.objects.order_by("id").values_list("size_bytes", flat=True)
    )
    assert Attachment.objects.count() == 2


def test_both_forms_of_feedback_of_real_clients_are_stored(intake):
    processed(intake, sample("05"))
    processed(intake, sample("15"))
    newer, older = feedback.inbox([intake.project_id])
    assert newer.message
    assert older.message
    assert older.event_id
    assert [file.name for file in events.attachments_of(newer.project_id, newer.feedback_id)]

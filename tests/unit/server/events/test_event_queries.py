from uuid import uuid4

import pytest

from crashdesk.errors import StorageError
from crashdesk.server.events import queries, services
from crashdesk.server.events.models import Attachment, FailedReport
from support.rows import NOON, a_project, an_event
from support.stored import kept

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _data(settings, tmp_path):
    settings.CRASHDESK_DATA = tmp_path


def an_attachment(project_id, event_id, **more):
    fields = {"id": 1, "sha256": "0" * 64, "name": "a.txt", "size_bytes": 1, "received_at": NOON, "blob": "", **more}
    services.store_attachments([Attachment(project_id=project_id, event_id=event_id, **fields)])


def test_an_event_is_found_by_its_id_with_or_without_dashes():
    row = an_event(a_project().pk)
    assert queries.event([row.project_id], row.hex_id) == row
    assert queries.event([row.project_id], str(row.event_id).upper()) == row


def test_an_event_of_another_project_is_not_found():
    row = an_event(a_project().pk)
    assert queries.event([row.project_id + 1], row.hex_id) is None
    assert queries.event([], row.hex_id) is None


def test_what_is_no_event_id_finds_nothing():
    assert queries.event([1], "x' OR 1=1") is None
    assert queries.attachments_of(1, "nonsense") == []


def test_events_of_an_issue_come_newest_first_and_in_pages():
    rows = [an_event(1, 7) for _ in range(3)]
    an_event(1, 8)
    first = queries.events_of_issue(1, 7, limit=2)
    assert first == [rows[2], rows[1]]
    assert queries.events_of_issue(1, 7, before=first[-1].id, limit=2) == [rows[0]]


def test_the_ends_and_neighbours_of_an_issues_events():
    rows = [an_event(1, 7) for _ in range(3)]
    assert queries.oldest_event(1, 7) == rows[0]
    assert queries.latest_event(1, 7) == rows[2]
    assert queries.neighbours(rows[1]) == (rows[0], rows[2])
    assert queries.neighbours(rows[2]) == (rows[1], None)


def test_a_body_is_read_from_its_blob():
    reference = kept(b'{"level":"error"}')
    assert queries.body(an_event(1, body=reference)) == {"level": "error"}


def test_a_lost_body_is_one_clear_sentence():
    with pytest.raises(StorageError, match="is not there"):
        queries.body(an_event(1, body="9:0:20"))


def test_without_a_data_directory_reading_a_body_says_what_to_do(settings):
    settings.CRASHDESK_DATA = None
    with pytest.raises(StorageError, match="--data"):
        queries.body(an_event(1, body="1:0:20"))


def test_an_attachment_is_found_through_the_projects_that_are_seen():
    event_id = uuid4()
    an_attachment(5, event_id, blob=kept(b"text"))
    found = queries.attachment([5], 1)
    assert found is not None
    assert queries.content(found) == b"text"
    assert queries.attachment([6], 1) is None
    assert queries.attachments_of(5, event_id) == queries.attachments_of(5, event_id.hex) == [found]


def test_an_empty_file_needs_no_blob():
    an_attachment(5, uuid4(), size_bytes=0)
    found = queries.attachment([5], 1)
    assert found is not None
    assert queries.content(found) == b""


def test_an_unreadable_report_is_listed_with_its_raw_bytes():
    reference = kept(b"raw")
    services.store_failed(FailedReport(project_id=5, id=1, received_at=NOON, reason="r" * 300, blob=reference))
    (found,) = queries.failed_reports([5])
    assert (len(found.reason), queries.raw_bytes(found)) == (200, b"raw")
    assert queries.failed_report([6], 1) is None


def test_the_intake_position_is_zero_at_first_and_then_where_it_was_moved():
    assert queries.intake_position() == 0
    services.move_intake_position(4)
    services.move_intake_position(9)
    assert queries.intake_position() == 9


def test_a_release_keeps_the_moment_at_which_it_was_first_seen():
    services.note_releases(5, ["1.0", ""], NOON)
    later = NOON.replace(hour=20)
    assert services.note_releases(5, ["1.0", "1.1"], later) == {"1.0": NOON, "1.1": later}


def test_what_is_stored_already_is_told():
    event_id, envelope_id = uuid4(), uuid4()
    an_event(5, 7, event_id=event_id)
    an_attachment(5, event_id)
    services.note_envelopes(5, [envelope_id], NOON)
    assert queries.issues_of_events(5, [event_id, uuid4()]) == {event_id: 7}
    assert queries.stored_attachments(5, [event_id]) == {(event_id, "0" * 64, "a.txt")}
    assert queries.seen_envelopes(5, [envelope_id, uuid4()]) == {envelope_id}
    assert queries.seen_envelopes(6, [envelope_id]) == set()

from uuid import uuid4

import pytest

from crashdesk.server.feedback import queries, services
from crashdesk.server.feedback.models import Feedback
from support.rows import NOON

pytestmark = pytest.mark.django_db


def a_feedback(project_id=1, row_id=1, **more):
    row = Feedback(
        **{"feedback_id": uuid4(), "message": "m", "happened_at": NOON, "received_at": NOON, **more},
        project_id=project_id,
        id=row_id,
    )
    services.store_feedback([row])
    return row


def test_the_inbox_comes_newest_first_and_in_pages():
    rows = [a_feedback(row_id=number) for number in (1, 2, 3)]
    assert queries.inbox([1], limit=2) == [rows[2], rows[1]]
    assert queries.inbox([1], before=2) == [rows[0]]
    assert queries.inbox([2]) == []


def test_the_inbox_can_be_narrowed_to_a_kind_and_to_what_is_unread():
    idea = a_feedback(row_id=1, kind="idea")
    a_feedback(row_id=2, is_read=True)
    assert queries.inbox([1], kind="idea") == [idea]
    assert queries.inbox([1], only_unread=True) == [idea]
    assert queries.unread_count([1]) == 1


def test_feedback_is_found_by_its_id_within_the_projects_that_are_seen():
    row = a_feedback()
    assert queries.feedback([1], row.hex_id) == row
    assert queries.feedback([2], row.hex_id) is None
    assert queries.feedback([1], "nonsense") is None


def test_feedback_that_came_before_its_event_is_linked_once():
    event_id = uuid4()
    row = a_feedback(event_id=event_id)
    assert services.link_to_issues(1, {event_id: 7}) == {7: 1}
    assert services.link_to_issues(1, {event_id: 7}) == {}
    assert queries.of_issue(1, 7) == queries.of_event(1, event_id) == [row]


def test_marking_as_read_stays_within_the_projects():
    row = a_feedback()
    assert services.mark_read([2], [row.id]) == 0
    assert services.mark_read([1], [row.id]) == 1
    assert queries.unread_count([1]) == 0


def test_the_older_form_has_no_body_beside_its_row():
    assert queries.body(a_feedback()) == {}

"""Many rows in one statement do what the same rows one by one would, on every database."""

from uuid import uuid4

import pytest

from crashdesk.server.events import bulk
from crashdesk.server.events.models import Event, SeenEnvelope, SeenRelease
from support.rows import NOON, an_event

pytestmark = pytest.mark.django_db
RELEASE = ("project_id", "version", "first_seen_at")


def versions(**more):
    return set(SeenRelease.objects.filter(**more).values_list("version", flat=True))


def test_rows_are_inserted_with_times_and_ids():
    found = uuid4()
    bulk.insert(SeenEnvelope, ("project_id", "envelope_id", "received_at"), [(1, found, NOON)])
    assert list(SeenEnvelope.objects.values_list("envelope_id", "received_at")) == [(found, NOON)]


def test_a_row_that_is_there_stays_where_the_conflict_says_so():
    bulk.insert(SeenRelease, RELEASE, [(1, "1.0", NOON)])
    bulk.insert(SeenRelease, RELEASE, [(1, "1.0", NOON), (1, "1.1", NOON)], "ON CONFLICT DO NOTHING")
    assert versions(project_id=1) == {"1.0", "1.1"}


def test_what_was_inserted_is_told_and_what_was_there_is_not():
    bulk.insert(SeenRelease, RELEASE, [(1, "1.0", NOON)])
    columns, rows = (
        ("project_id", "version", "first_seen_at"),
        [(1, "1.0", NOON.isoformat()), (1, "1.1", NOON.isoformat())],
    )
    told = bulk.insert_returning(SeenRelease, columns, rows, conflict="ON CONFLICT DO NOTHING", returning=("version",))
    assert told == [("1.1",)]


def test_each_row_gets_its_own_new_values():
    first, second = an_event(1), an_event(1)
    bulk.update(
        Event, ("project_id", "id"), ("level", "release"), [("info", "1", 1, first.id), ("fatal", "2", 1, second.id)]
    )
    assert list(Event.objects.order_by("id").values_list("level", "release")) == [("info", "1"), ("fatal", "2")]


def test_rows_are_read_by_many_values_of_a_column_with_ids_as_ids():
    events = [an_event(1, issue_id=number) for number in range(3)]
    an_event(2, event_id=events[0].event_id)
    wanted = [events[0].event_id, events[2].event_id, uuid4()]
    rows = bulk.read(Event, ("event_id", "issue_id"), {"project_id": 1}, {"event_id": wanted})
    assert dict(rows) == {events[0].event_id: 0, events[2].event_id: 2}


def test_nothing_to_do_is_no_statement(django_assert_num_queries):
    with django_assert_num_queries(0):
        bulk.insert(SeenRelease, RELEASE, [])
        bulk.update(Event, ("id",), ("level",), [])
        assert bulk.insert_returning(SeenRelease, RELEASE, [], conflict="", returning=("version",)) == []

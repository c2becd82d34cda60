from datetime import timedelta

import pytest

from crashdesk.server.outcomes import queries, services
from crashdesk.server.outcomes.services import Counted
from support.rows import NOON

pytestmark = pytest.mark.django_db


def test_outcomes_are_added_up_by_the_hour():
    services.count([Counted(1, NOON, "error", "accepted"), Counted(1, NOON, "error", "accepted", quantity=2)])
    services.count([Counted(1, NOON + timedelta(minutes=5), "error", "accepted")])
    (found,) = queries.sums([1], NOON - timedelta(hours=1))
    assert (found.category, found.outcome, found.quantity) == ("error", "accepted", 4)


def test_outcomes_of_other_projects_and_earlier_hours_are_not_told():
    services.count([Counted(2, NOON, "error", "accepted"), Counted(1, NOON - timedelta(days=2), "error", "accepted")])
    assert queries.sums([1], NOON - timedelta(hours=1)) == []


def test_hostile_words_are_cut_to_their_columns():
    services.count([Counted(1, NOON, "c" * 99, "o" * 99, "r" * 99)])
    (found,) = queries.sums([1], NOON - timedelta(hours=1))
    assert (len(found.category), len(found.outcome), len(found.reason)) == (20, 20, 60)


def test_nothing_to_count_is_no_statement(django_assert_num_queries):
    with django_assert_num_queries(0):
        services.count([])


def test_an_account_tells_what_came_and_what_became_of_it():
    services.count(
        [
            Counted(1, NOON, "error", services.RECEIVED, quantity=6),
            Counted(1, NOON, "error", "accepted", quantity=3),
            Counted(1, NOON, "error", "filtered", "duplicate", 2),
            Counted(1, NOON, "error", "client_discard", "network_error", 50),
        ]
    )
    (found,) = queries.account([1])
    assert (found.received, found.stored, found.dropped, found.difference) == (6, 3, {"duplicate": 2}, 1)


def test_what_waits_has_been_received():
    services.count([Counted(1, NOON, "error", services.RECEIVED), Counted(1, NOON, "error", "accepted")])
    error, session = queries.account([1], NOON - timedelta(hours=1), waiting={"event": 2, "session": 1, "sessions": 4})
    assert (error.received, error.waiting, error.difference) == (3, 2, 0)
    assert (session.category, session.received, session.waiting, session.difference) == ("session", 5, 5, 0)


def test_what_came_is_no_outcome():
    services.count([Counted(1, NOON, "error", services.RECEIVED)])
    assert queries.sums([1], NOON - timedelta(hours=1)) == []


def test_totals_of_events_are_kept_at_hand(django_assert_num_queries):
    services.count(
        [
            Counted(1, NOON, "error", services.RECEIVED, quantity=3),
            Counted(1, NOON, "security", "accepted"),
            Counted(2, NOON, "error", "accepted", quantity=2),
            Counted(2, NOON, "session", "accepted", quantity=9),
        ]
    )
    with django_assert_num_queries(1):
        assert queries.totals() == queries.Totals(events_received=3, events_stored=3)
    assert queries.totals([2]).events_stored == 2


def test_what_is_processed_again_takes_back_what_was_counted():
    services.count([Counted(1, NOON, "error", "invalid", "not_readable", 2)])
    services.count([Counted(1, NOON, "error", "invalid", "not_readable", -2), Counted(1, NOON, "error", "accepted")])
    (found,) = queries.account([1])
    assert (found.stored, found.dropped) == (1, {})

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

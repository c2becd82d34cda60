from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from crashdesk.protocol.session import SessionStatus
from crashdesk.server.sessions import services
from crashdesk.server.sessions.models import SessionHour, SessionRun, SessionUser
from crashdesk.server.sessions.services import Verdict
from crashdesk.server.sessions.states import Group, Origin, Run
from support.rows import NOON

pytestmark = pytest.mark.django_db

HOUR = NOON.replace(minute=0)


def an_origin(**more: Any) -> Origin:
    return Origin(**{"started_at": NOON, "release": "a@1", "environment": "live", "user_digest": "u1", **more})


def a_run(status="ok", *, sid=1, errors=0, seq=None, told_at=None, **more: Any) -> Run:
    return Run(UUID(int=sid), an_origin(**more), SessionStatus(status), errors, seq, told_at, NOON)


def record(*runs: Run, groups=()):
    return services.record(1, runs, groups, NOON)


def sums(**where):
    found = SessionHour.objects.filter(project_id=1, **where).exclude(quantity=0)
    return dict(found.values_list("state", "quantity"))


def test_a_run_that_only_ever_says_ok_is_healthy():
    assert record(a_run()) == [Verdict.TAKEN]
    assert sums() == {"total": 1}


def test_updates_of_one_run_count_once_whatever_batches_they_come_in():
    record(a_run(seq=0), a_run(seq=1, errors=1))
    assert sums() == {"total": 1, "errored": 1}
    record(a_run("crashed", seq=2, errors=2))
    assert sums() == {"total": 1, "crashed": 1}


def test_a_run_that_ended_is_never_revived():
    record(a_run("crashed", seq=1, errors=1))
    assert record(a_run(seq=9)) == [Verdict.SUPERSEDED]
    assert sums() == {"total": 1, "crashed": 1}


def test_an_older_update_that_comes_late_changes_nothing():
    record(a_run("exited", seq=5, errors=3))
    assert record(a_run("exited", seq=4)) == [Verdict.SUPERSEDED]
    assert sums() == {"total": 1, "errored": 1}


def test_without_a_sequence_time_decides():
    later = NOON + timedelta(seconds=5)
    record(a_run("exited", told_at=later))
    assert record(a_run("crashed", told_at=NOON, errors=1)) == [Verdict.SUPERSEDED]


def test_the_same_update_again_is_a_repeat():
    assert record(a_run(seq=1), a_run(seq=1)) == [Verdict.TAKEN, Verdict.REPEATED]
    assert record(a_run(seq=1)) == [Verdict.REPEATED]
    assert sums() == {"total": 1}


@pytest.mark.parametrize(
    ("status", "errors", "state"),
    [("abnormal", 0, "abnormal"), ("unhandled", 0, "errored"), ("exited", 2, "errored"), ("crashed", 1, "crashed")],
)
def test_each_end_has_its_sum(status, errors, state):
    record(a_run(status, errors=errors))
    assert sums() == {"total": 1, state: 1}


def test_a_run_keeps_its_hour_and_what_a_later_update_leaves_out():
    record(a_run(seq=1))
    record(a_run("exited", seq=2, started_at=NOON + timedelta(hours=5), release="", environment="", user_digest=""))
    assert sums(hour=HOUR, release="a@1", environment="live") == {"total": 1}
    assert SessionRun.objects.get().user_digest == "u1"


def test_a_run_that_moves_to_another_release_leaves_the_first():
    record(a_run(seq=1))
    record(a_run(seq=2, release="a@2"))
    assert (sums(release="a@1"), sums(release="a@2")) == ({}, {"total": 1})


def test_groups_are_added_to_the_same_sums():
    record(a_run(), groups=[Group(an_origin(user_digest=""), {"total": 7, "crashed": 2})])
    assert sums() == {"total": 8, "crashed": 2}
    assert SessionUser.objects.count() == 1


def test_users_are_noted_once_a_day_with_the_worst_that_happened():
    record(a_run(sid=1, errors=1), a_run("crashed", sid=2, errors=1), a_run(sid=3, user_digest="u2"))
    record(a_run(sid=4), a_run(sid=5, user_digest=""))
    rows = SessionUser.objects.order_by("user_digest").values_list("user_digest", "has_crashed", "has_errored")
    assert list(rows) == [("u1", True, True), ("u2", False, False)]


def test_a_batch_needs_few_statements(django_assert_max_num_queries):
    runs = [a_run(sid=number, seq=1) for number in range(200)]
    with django_assert_max_num_queries(12):  # SQLite takes 999 values a statement
        record(*runs)


def test_ended_runs_are_forgotten_before_open_ones_and_sums_stay():
    record(a_run("exited", sid=1), a_run(sid=2))
    assert services.prune(NOON + timedelta(days=1)) == 1
    assert services.prune(NOON + timedelta(days=40)) == 1
    assert sums() == {"total": 2}

from datetime import timedelta

import pytest

from crashdesk.server.sessions import queries, services
from crashdesk.server.sessions.queries import Range, Runs, Users
from crashdesk.server.sessions.states import Group, Origin
from support.rows import NOON

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
MIDNIGHT = NOON.replace(hour=0, minute=0)


def runs(at=NOON, release="a@1", user="", environment="live", project_id=1, **counts):
    services.record(project_id, [], [Group(Origin(at, release, environment, user), counts)], NOON)


def a_range(**more):
    return Range(**{"project_ids": [1], "since": MIDNIGHT, "until": MIDNIGHT + DAY, **more})


def test_healthy_runs_are_those_without_anything_else():
    runs(total=10, errored=2, crashed=1, abnormal=3)
    (found,) = queries.series(a_range())
    assert found.runs == Runs(10, 2, 1, 3)
    assert (found.runs.healthy, found.runs.crash_free) == (4, 0.9)


def test_without_runs_nothing_is_known():
    assert queries.series(a_range()) == []
    assert Runs().crash_free is None
    assert queries.users(a_range())[()].crash_free is None


def test_users_without_a_name_do_not_count_and_one_who_crashed_once_is_not_crash_free():
    runs(total=1, user="")
    runs(total=1, user="u1")
    runs(total=1, crashed=1, user="u1", release="a@2")
    runs(total=1, user="u2")
    found = queries.users(a_range())[()]
    assert (found, found.crash_free) == (Users(2, 1, 0, 0), 0.5)


def test_runs_fall_into_the_interval_in_which_they_began():
    runs(at=MIDNIGHT, total=1)
    runs(at=MIDNIGHT + timedelta(hours=23, minutes=59), total=2)
    (found,) = queries.series(a_range(interval_seconds=6 * 3600))
    assert [part.total for part in found.run_series] == [1, 0, 0, 2]
    assert found.user_series == []


def test_days_tell_their_users():
    runs(at=NOON - DAY, total=1, user="u1")
    runs(total=2, user="u1")
    runs(total=2, crashed=1, user="u2")
    (found,) = queries.series(a_range(since=MIDNIGHT - DAY))
    assert [part.total for part in found.user_series] == [1, 2]
    assert found.users == Users(2, 1, 0, 0)


def test_what_began_outside_or_elsewhere_is_not_told():
    runs(at=MIDNIGHT - timedelta(minutes=1), total=1)
    runs(at=MIDNIGHT + DAY, total=1)
    runs(project_id=2, total=1)
    assert queries.series(a_range()) == []


def test_groups_come_with_most_runs_first():
    runs(total=1, release="a@1")
    runs(total=3, release="a@2", environment="lab")
    found = queries.series(a_range(), group_by=("release", "environment"))
    assert [(one.group, one.runs.total) for one in found] == [
        ({"release": "a@2", "environment": "lab"}, 3),
        ({"release": "a@1", "environment": "live"}, 1),
    ]


def test_releases_and_environments_narrow():
    runs(total=1, release="a@1", user="u1")
    runs(total=3, release="a@2", environment="lab", user="u2")
    (found,) = queries.series(a_range(releases=["a@2"], environments=["lab"]))
    assert (found.runs.total, found.users.total) == (3, 1)


def test_users_of_a_release_are_told_apart():
    runs(total=1, user="u1", release="a@1")
    runs(total=1, user="u1", release="a@2")
    assert queries.users(a_range(), ("release",)) == {("a@1",): Users(1), ("a@2",): Users(1)}

from datetime import timedelta

import pytest

from crashdesk.server.events.counters import hour_number
from crashdesk.server.issues import rollups
from crashdesk.server.issues.models import Issue, Origin
from crashdesk.server.issues.periods import PERIODS
from crashdesk.server.issues.recording import record
from crashdesk.server.issues.rollups import Cell
from support.rows import NOON, a_project, an_issue, an_occurrence

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOW = hour_number(NOON)


@pytest.fixture
def project_id():
    return a_project().pk


def test_events_are_counted_by_hour_release_and_environment(project_id):
    beta = {"release": "1.1", "environment": "beta"}
    record(project_id, [an_occurrence("a", release="1.0"), an_occurrence("b", **beta)], {}, NOON)
    record(project_id, [an_occurrence("c", **beta, happened_at=NOON - HOUR), an_occurrence("a", **beta)], {}, NOON)
    assert rollups.events_by_hour(project_id, NOON - DAY, NOON) == [
        Cell(NOW - 1, "1.1", "beta", 1),
        Cell(NOW, "1.0", "", 1),
        Cell(NOW, "1.1", "beta", 2),
    ]


def test_each_issue_has_the_same_counts_of_its_own(project_id):
    issue = an_issue(project_id, an_occurrence(release="1.0"), an_occurrence("other"), an_occurrence(release="1.0"))
    found = rollups.events_of_issue_by_hour(project_id, issue.id, NOON - DAY, NOON)
    assert found == [Cell(NOW, "1.0", "", 2)]


def test_counts_stay_when_an_issue_goes(project_id):
    an_issue(project_id).delete()
    assert [cell.count for cell in rollups.events_by_hour(project_id, NOON, NOON)] == [1]


def test_users_are_counted_once_a_day(project_id):
    seen = [an_occurrence(key, user_digest=user) for key, user in (("a", "u1"), ("b", "u1"), ("a", "u2"), ("a", ""))]
    record(project_id, seen, {}, NOON)
    record(project_id, [an_occurrence("a", user_digest="u1")], {}, NOON + DAY)
    assert [cell.count for cell in rollups.users_by_day(project_id, NOON, NOON + DAY)] == [2, 1]


def test_users_of_a_stretch_up_to_now_are_told_for_each_issue(project_id):
    issue = an_issue(project_id, an_occurrence(user_digest="u1"), an_occurrence(user_digest="u2"))
    record(project_id, [an_occurrence(user_digest="u2")], {}, NOON + DAY)
    assert rollups.users_since(project_id, [issue.id], NOON) == {issue.id: 2}
    assert rollups.users_since(project_id, [issue.id], NOON + DAY) == {issue.id: 1}


def test_bars_of_a_period_add_up_hours_and_origins(project_id):
    times = (NOON, NOON - HOUR, NOON - 7 * HOUR, NOON - 167 * HOUR, NOON - 168 * HOUR)
    issue = an_issue(project_id, *(an_occurrence(happened_at=at, release=str(at)) for at in times))
    bars = rollups.series([(project_id, issue.id)], PERIODS["7d"], NOON)[issue.id]
    assert (len(bars), bars[0], bars[-2], bars[-1], sum(bars)) == (28, 1, 1, 2, 4)


def test_an_origin_keeps_its_number_and_one_too_many_has_none_of_its_own(project_id, monkeypatch):
    monkeypatch.setattr(rollups, "MOST_ORIGINS", 2)
    record(project_id, [an_occurrence(release=release) for release in ("1.0", "1.1", "1.2")], {}, NOON)
    record(project_id, [an_occurrence(release=release) for release in ("1.3", "1.1")], {}, NOON)
    assert dict(Origin.objects.values_list("release", "id")) == {"1.0": 1, "1.1": 2}
    cells = rollups.events_by_hour(project_id, NOON, NOON)
    assert [(cell.release, cell.count) for cell in cells] == [("", 2), ("1.0", 1), ("1.1", 2)]
    assert Issue.objects.get().event_count == 5

"""What of a report is over a limit: by key, by project, against a spike; counted by category."""

import json

import pytest

from crashdesk.clock import FrozenClock
from crashdesk.server.collector import limits
from crashdesk.server.collector.admission import FREE, Admission
from crashdesk.server.collector.authentication import Key
from crashdesk.server.collector.limits import Limit

KEY = Key(1, 1, True, ())


@pytest.fixture
def clock():
    return FrozenClock()


@pytest.fixture
def admission(clock):
    return Admission(clock.monotonic, clock.timestamp)


def judged(admission, key, *reports):
    return [dict(admission.judge(key, report).reasons) for report in reports]


def test_a_key_over_its_own_rate_is_limited_until_time_has_passed(admission, clock):
    key = Key(1, 1, True, (), reports_per_minute=2)
    assert judged(admission, key, *[{"event": 1}] * 3) == [{}, {}, {"error": "key_rate"}]
    clock.advance(30)
    assert admission.judge(key, {"event": 1}) is FREE


def test_what_nobody_keeps_takes_nothing_from_reports(admission):
    key = Key(1, 1, True, (), reports_per_minute=1)
    assert judged(admission, key, {"transaction": 1}, {"transaction": 1}, {"event": 1}) == [
        {}, {"transaction": "key_rate"}, {},
    ]  # fmt: skip


def test_a_flood_of_sessions_is_limited_and_takes_nothing_from_reports(admission, clock, monkeypatch):
    monkeypatch.setitem(limits.LIMITS, "counts_at_once", Limit(2, "", ""))
    key = Key(1, 1, True, (), reports_per_minute=1)
    flood = [{"session": 1}, {"client_report": 1}, {"sessions": 1}, {"event": 1}]
    assert judged(admission, key, *flood) == [{}, {}, {"session": "key_rate"}, {}]
    clock.advance(1)
    assert admission.judge(key, {"session": 1}) is FREE


def test_a_quota_counts_items_of_its_category_within_a_window(admission, clock):
    key = Key(1, 1, True, (), quotas=(("error", 3600, 2),))
    assert judged(admission, key, {"event": 2}, {"event": 1}, {"feedback": 1}) == [{}, {"error": "project_quota"}, {}]
    clock.advance(3600)
    assert admission.judge(key, {"event": 2}) is FREE


def test_a_file_goes_with_its_event(admission):
    key = Key(1, 1, True, (), quotas=(("error", 3600, 0),))
    reasons = admission.judge(key, {"event": 1, "attachment": 2, "session": 1}).reasons
    assert reasons == {"error": "project_quota", "attachment": "project_quota"}


def test_a_quota_is_not_used_by_what_another_limit_takes(admission, clock):
    key = Key(1, 1, True, (), reports_per_minute=1, quotas=(("error", 86_400, 2),))
    assert judged(admission, key, *[{"event": 1}] * 5)[1:] == [{"error": "key_rate"}] * 4
    clock.advance(60)
    assert admission.judge(key, {"event": 1}) is FREE


def test_sessions_are_limited_only_when_a_quota_means_them(admission):
    assert judged(admission, Key(1, 1, True, (), reports_per_minute=0), *[{"session": 1}] * 3) == [{}] * 3
    key = Key(2, 2, True, (), quotas=(("session", 3600, 1),))
    assert judged(admission, key, *[{"session": 1}] * 2) == [{}, {"session": "project_quota"}]


def test_a_project_far_above_its_usual_hour_is_limited_unless_it_does_without(admission, monkeypatch):
    monkeypatch.setitem(limits.LIMITS, "spike_reports", Limit(3, "", ""))
    assert judged(admission, KEY, *[{"event": 1}] * 4)[2:] == [{}, {"error": "spike"}]
    free = Key(2, 2, True, (), has_spike_protection=False)
    assert judged(admission, free, *[{"event": 1}] * 10) == [{}] * 10


def test_what_is_usual_may_come_every_hour(admission, clock, monkeypatch):
    monkeypatch.setitem(limits.LIMITS, "spike_reports", Limit(1, "", ""))
    for _ in range(24):
        admission.judge(KEY, {"event": 1})
        clock.advance(3600)
    assert judged(admission, KEY, *[{"event": 1}] * 5) == [{}] * 5


def test_counters_outlive_a_restart(admission, clock, tmp_path):
    key = Key(1, 1, True, (), quotas=(("error", 86_400, 1),))
    admission.judge(key, {"event": 1})
    admission.keep(tmp_path)
    again = Admission(clock.monotonic, clock.timestamp)
    again.remember(tmp_path)
    assert again.judge(key, {"event": 1}).reasons == {"error": "project_quota"}


@pytest.mark.parametrize("damage", ["", "[]", '{"windows": [[1]]}', json.dumps({"windows": 7, "usual": 7})])
def test_without_readable_counters_counting_begins_anew(admission, tmp_path, damage):
    (tmp_path / "admission.json").write_text(damage)
    admission.remember(tmp_path)
    assert admission.judge(KEY, {"event": 1}) is FREE

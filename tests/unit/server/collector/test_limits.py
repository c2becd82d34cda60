"""The table of limits and the decisions on it."""

from pathlib import Path

import pytest

import crashdesk.server
from crashdesk.errors import UsageError
from crashdesk.protocol.items import CATEGORIES
from crashdesk.server.collector import limits
from crashdesk.server.collector.limits import (
    GROUPS,
    LIMITS,
    Bucket,
    Rate,
    Usual,
    Window,
    counted,
    has_room,
    key_rate,
    limit,
    spike_rate,
    take,
    use,
)


def test_every_limit_says_what_it_is_for():
    for name, row in LIMITS.items():
        assert row.value > 0, name
        assert row.help.endswith("."), name


RATE = Rate(per_second=10, at_once=3)


def test_a_full_bucket_lets_a_burst_through_and_then_says_how_long_to_wait():
    bucket, waits = None, []
    for _ in range(4):
        bucket, wait_seconds = take(bucket, 0.0, RATE)
        waits.append(wait_seconds)
    assert waits == [0.0, 0.0, 0.0, pytest.approx(0.1)]


def test_a_bucket_fills_with_time_but_never_above_its_size():
    assert take(Bucket(0.0, 0.0), 0.2, RATE)[0].level == pytest.approx(1)
    assert take(Bucket(0.0, 0.0), 1e9, RATE)[0].level == 2


def test_a_clock_that_goes_back_gives_nothing_and_takes_nothing():
    assert take(Bucket(3.0, 100.0), 50.0, RATE)[0].level == 2.0


def test_a_key_without_a_rate_of_its_own_has_the_usual_one():
    assert key_rate(None) == Rate(limit("reports_per_second"), limit("reports_at_once"))
    assert key_rate(60) == Rate(1.0, 60)


def test_a_key_that_may_send_nothing_waits_for_a_day():
    bucket, _ = take(None, 0.0, key_rate(0))
    assert take(bucket, 1.0, key_rate(0))[1] == 86_400


def test_a_quota_is_used_up_and_begins_anew_with_the_next_window():
    window, wait = use(None, 3, (60, 4), 125.0)
    assert (window, wait) == (Window(2, 3), 0.0)
    assert use(window, 2, (60, 4), 130.0) == (window, 50.0)
    assert use(window, 1, (60, 4), 130.0) == (Window(2, 4), 0.0)
    assert use(window, 4, (60, 4), 180.0) == (Window(3, 4), 0.0)


def test_the_usual_hour_follows_slowly_and_forgets_quiet_days():
    usual = None
    for _ in range(240):
        usual = counted(usual, 0.0)
    later = counted(usual, 3600.0)
    assert (later.count, later.average) == (1, 10.0)
    assert counted(later, 3600.0 * 200).average < 0.1


def test_a_spike_is_far_above_the_usual_and_above_the_floor():
    floor = limit("spike_reports")
    assert spike_rate(Usual(0, 0, 0.0)).at_once == floor
    assert spike_rate(Usual(0, 0, floor)).at_once == limit("spike_factor") * floor


def test_groups_name_every_category_once():
    named = [category for group in GROUPS.values() for category in group]
    assert sorted(named) == sorted(CATEGORIES)


def test_space_for_the_database_is_kept_free():
    reserve = int(limit("reserve_bytes"))
    assert has_room(reserve + 10, 10)
    assert not has_room(reserve + 10, 11)


def test_a_limit_can_be_changed_for_this_process(monkeypatch):
    monkeypatch.setattr(limits, "LIMITS", dict(limits.LIMITS))
    limits.override({"connections": 4000})
    assert limits.limit("connections") == 4000


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [({"conections": 1}, "did you mean connections"), ({"connections": 0}, "above 0"), ({"zzz": 1}, "there are body_")],
)
def test_a_limit_that_cannot_be_changed_so_is_said(changes, sentence):
    with pytest.raises(UsageError, match=sentence):
        limits.override(changes)


def test_the_handbook_names_the_limits_as_the_table_does():
    page = (Path(crashdesk.server.__file__).parent / "triage" / "help" / "30-reporting.md").read_text("utf-8")
    words = " ".join(page.split())
    assert f"may have {limit('body_bytes') // 1_000_000:.0f} MB" in words
    assert (
        f"send {limit('reports_per_second'):.0f} reports a second, and {limit('reports_at_once'):,.0f} at once" in words
    )
    assert f"more than {limit('spike_reports'):,.0f} reports" in words

"""The table of limits and the decisions on it."""

import pytest

from crashdesk.errors import UsageError
from crashdesk.server.collector import limits
from crashdesk.server.collector.limits import LIMITS, Bucket, full_bucket, has_room, limit, take


def test_every_limit_says_what_it_is_for():
    for name, row in LIMITS.items():
        assert row.value > 0, name
        assert row.help.endswith("."), name


def test_a_full_bucket_lets_a_burst_through_and_then_says_how_long_to_wait():
    bucket, waits = full_bucket(0.0), []
    for _ in range(int(limit("reports_at_once")) + 1):
        bucket, wait_seconds = take(bucket, 0.0)
        waits.append(wait_seconds)
    assert set(waits[:-1]) == {0.0}
    assert waits[-1] == pytest.approx(1 / limit("reports_per_second"))


def test_a_bucket_fills_with_time_but_never_above_its_size():
    assert take(Bucket(0.0, 0.0), 10.0)[0].level == pytest.approx(10 * limit("reports_per_second") - 1)
    assert take(Bucket(0.0, 0.0), 1e9)[0].level == limit("reports_at_once") - 1


def test_a_clock_that_goes_back_gives_nothing_and_takes_nothing():
    assert take(Bucket(5.0, 100.0), 50.0)[0].level == 4.0


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

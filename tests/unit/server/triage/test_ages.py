from datetime import UTC, datetime, timedelta

import pytest

from crashdesk.server.triage import ages

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (0.04, "0 s"),
        (4.2, "4.2 s"),
        (9.99, "10 s"),
        (89, "89 s"),
        (600, "10 min"),
        (5_400, "2 h"),
        (172_800, "2 d"),
    ],
)
def test_a_span_is_written_in_its_largest_fitting_unit(seconds, written):
    assert ages.span(seconds) == written


def test_a_fresh_moment_is_now_and_an_old_one_is_a_date():
    assert ages.short(NOW - timedelta(seconds=3), NOW) == "now"
    assert ages.short(NOW - timedelta(days=90), NOW) == "2025-12-02"


def test_a_moment_of_a_clock_that_runs_ahead_is_now():
    assert ages.short(NOW + timedelta(hours=5), NOW) == "now"


def test_the_exact_time_is_in_utc():
    assert ages.exact(datetime.fromisoformat("2026-03-02T13:00:05+01:00")) == "2026-03-02 12:00:05 UTC"


def test_a_step_lies_before_or_after_the_event():
    assert ages.before(NOW - timedelta(seconds=4.2), NOW) == "4.2 s before"
    assert ages.before(NOW + timedelta(seconds=1), NOW) == "1 s after"
    assert ages.before(NOW, NOW) == "at once"
    assert ages.before(None, NOW) == ""

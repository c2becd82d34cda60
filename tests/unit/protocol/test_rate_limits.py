"""Rate limits: headers read and written, and what they block."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crashdesk.protocol.rate_limits import (
    RateLimit,
    RateLimits,
    format_rate_limits,
    parse_rate_limits,
    parse_retry_after,
)

NOW = datetime(2026, 11, 25, 12, 0, 0, tzinfo=UTC)
DAY = 86_400


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("3", 3),
        (" 2.5 ", 2.5),
        ("0", 0),
        ("Wed, 25 Nov 2026 12:01:00 GMT", 60),
        ("Wed, 25 Nov 2026 11:00:00 GMT", 0),
        ("Wed, 25 Nov 2099 12:00:00 GMT", DAY),
        ("999999999", DAY),
        ("-1", None),
        ("nan", None),
        ("inf", None),
        ("soon", None),
        ("", None),
        (None, None),
        ("Wed, 99 Nov 2026 12:01:00 GMT", None),
    ],
)
def test_retry_after_is_seconds_or_a_date_within_a_day(text, seconds):
    assert parse_retry_after(text, NOW) == seconds


def test_a_date_without_a_clock_is_nonsense():
    assert parse_retry_after("Wed, 25 Nov 2026 12:01:00 GMT", None) is None


def test_every_part_of_a_limit_is_read():
    assert parse_rate_limits("60:error;default:project:too_many, 2700::organization") == [
        RateLimit(60, ("error", "default"), "project", "too_many"),
        RateLimit(2700, (), "organization"),
    ]


@pytest.mark.parametrize("text", ["", None, "x:error:key", "60", "-1:error:key", "nan:error:key", "60:er ror:key"])
def test_an_unreadable_limit_is_left_out(text):
    assert parse_rate_limits(text) == []


def test_what_is_written_is_read_back():
    limits = [RateLimit(60, ("error", "attachment"), "key", "rate"), RateLimit(5)]
    assert parse_rate_limits(format_rate_limits(limits)) == limits
    assert format_rate_limits(limits) == "60:error;attachment:key:rate, 5::"


def test_named_categories_are_blocked_and_others_go_on():
    limits = RateLimits()
    limits.update({"X-Sentry-Rate-Limits": "30:error:project"}, 200, 100.0)
    assert limits.blocked_seconds("error", 110.0) == 20
    assert limits.blocked_seconds("feedback", 110.0) == 0
    assert limits.blocked_seconds("error", 130.0) == 0


def test_a_limit_on_nothing_in_particular_blocks_everything():
    limits = RateLimits()
    limits.update({"x-sentry-rate-limits": "30::key"}, 429, 0.0)
    assert limits.blocked_seconds("session", 0.0) == 30


@pytest.mark.parametrize(
    ("headers", "status", "seconds"),
    [
        ({"Retry-After": "7"}, 429, 7),
        ({"retry-after": "7"}, 503, 7),
        ({"Retry-After": "Wed, 25 Nov 2026 12:00:09 GMT", "Date": "Wed, 25 Nov 2026 12:00:00 GMT"}, 429, 9),
        ({}, 429, 60),
        ({"Retry-After": "soon"}, 429, 60),
        ({}, 503, 0),
        ({"Retry-After": "7"}, 200, 0),
        ({"Retry-After": "7", "X-Sentry-Rate-Limits": "3:error:key"}, 429, 3),
    ],
)
def test_retry_after_counts_when_no_category_is_named(headers, status, seconds):
    limits = RateLimits()
    limits.update(headers, status, 0.0)
    assert limits.blocked_seconds("error", 0.0) == seconds


def test_a_shorter_limit_does_not_lift_a_longer_one():
    limits = RateLimits()
    limits.update({"Retry-After": "100"}, 429, 0.0)
    limits.update({"Retry-After": "1"}, 429, 0.0)
    assert limits.blocked_seconds("error", 0.0) == 100


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_header_makes_it_raise_or_wait_longer_than_a_day(limits_text, retry_text):
    limits = RateLimits()
    limits.update({"X-Sentry-Rate-Limits": limits_text, "Retry-After": retry_text, "Date": retry_text}, 429, 5.0)
    assert 0 <= limits.blocked_seconds("error", 5.0) <= DAY

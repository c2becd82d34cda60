from datetime import UTC, datetime, timedelta

from crashdesk.server.events.counters import day_number, hour_number

EVENING = datetime(1970, 1, 2, 23, 59, 59, 999_999, tzinfo=UTC)


def test_hours_and_days_are_numbered_since_1970():
    assert (hour_number(EVENING), day_number(EVENING)) == (47, 1)
    assert hour_number(EVENING + timedelta(microseconds=1)) == 48

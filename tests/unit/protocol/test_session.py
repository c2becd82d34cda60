"""Sessions: updates as clients send them, which of two holds, added-up runs."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crashdesk.protocol.envelope import Envelope
from crashdesk.protocol.session import STATUSES, SessionAggregates, SessionStatus, SessionUpdate, newer
from support import samples

AT = datetime(2026, 11, 25, 12, tzinfo=UTC)


def payload_of(beginning):
    return Envelope.parse(samples.sample(beginning).unpacked).items[0].json()


def update(status="ok", seq=None, seconds=0):
    return SessionUpdate("s", SessionStatus(status), seq=seq, timestamp=AT + timedelta(seconds=seconds))


def test_recorded_updates_are_read():
    begun, crashed = SessionUpdate.parse(payload_of("06")), SessionUpdate.parse(payload_of("08"))
    assert (begun.init, begun.status, begun.did) == (True, SessionStatus.OK, "install-0007")
    assert begun.attrs == {"release": "demo-app@2.4.1", "environment": "production"}
    assert (crashed.status, crashed.errors) == (SessionStatus.CRASHED, 1)


def test_recorded_aggregates_are_read():
    body = SessionAggregates.parse(payload_of("09"))
    assert [(entry.exited, entry.crashed) for entry in body.aggregates] == [(5, 0)]
    assert body.attrs["release"] == "demo-app@2.4.1"


def test_what_is_built_is_read_back():
    whole = SessionUpdate("s", SessionStatus.EXITED, "user", AT, AT, 3, True, 2, 1.5, {"release": "a@1"})
    assert SessionUpdate.parse(whole.to_item().json()) == whole


def test_a_crash_counts_at_least_one_error():
    assert SessionUpdate.parse({"sid": "s", "status": "crashed"}).errors == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (update(seq=1), update(seq=2)),
        (update(seq=1, seconds=9), update(seq=2)),
        (update(), update(seconds=1)),
        (update(seq=1), update(seq=1, seconds=1)),
        (update(seq=9), update("crashed", seq=1)),
        (update("exited", seq=1), update("crashed", seq=2)),
    ],
)
def test_the_newer_update_holds_in_whichever_order_they_come(old, new):
    assert newer(old, new) is new
    assert newer(new, old) is new


def test_of_equals_the_first_stays():
    first, second = update(), update()
    assert newer(first, second) is first


def test_every_status_is_described():
    assert set(STATUSES) == set(SessionStatus)


NAMES = ["sid", "status", "seq", "errors", "duration", "started", "attrs", "aggregates"]
odd = st.none() | st.text() | st.integers() | st.floats() | st.lists(st.integers(), max_size=2)


@given(st.dictionaries(st.sampled_from(NAMES), odd))
def test_odd_payloads_do_not_raise(payload):
    parsed = SessionUpdate.parse(payload)
    assert parsed is None or parsed.errors >= 0
    SessionAggregates.parse(payload)

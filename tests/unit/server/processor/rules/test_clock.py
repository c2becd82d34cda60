from datetime import timedelta

from crashdesk.server.processor.rules import clock
from support.drafts import RECEIVED_AT, a_draft

DAY = timedelta(days=1)


def judged(happened, sent=None):
    draft = a_draft({"timestamp": happened.timestamp()}, sent_at=sent)
    clock.apply(draft)
    return draft


def test_a_true_time_is_taken():
    at = RECEIVED_AT - timedelta(hours=3)
    draft = judged(at, sent=RECEIVED_AT - timedelta(seconds=2))
    assert (draft.happened_at, draft.notes) == (at, [])


def test_a_device_whose_clock_is_behind_is_corrected():
    draft = judged(RECEIVED_AT - 3 * DAY, sent=RECEIVED_AT - 2 * DAY)
    assert draft.happened_at == RECEIVED_AT - DAY
    assert draft.notes == [{"rule": "clock", "problem": "device_clock_corrected", "seconds": 2 * 86_400}]


def test_a_device_whose_clock_is_ahead_is_corrected():
    assert judged(RECEIVED_AT + DAY, sent=RECEIVED_AT + 2 * DAY).happened_at == RECEIVED_AT - DAY


def test_a_time_in_the_future_becomes_the_time_of_arrival():
    draft = judged(RECEIVED_AT + DAY)
    assert draft.happened_at == RECEIVED_AT
    assert draft.notes == [{"rule": "clock", "problem": "time_of_arrival_taken"}]


def test_a_time_long_ago_becomes_the_time_of_arrival():
    assert judged(RECEIVED_AT - 400 * DAY).happened_at == RECEIVED_AT


def test_without_a_time_the_time_of_arrival_is_taken():
    for payload in ({}, {"timestamp": None}, {"timestamp": "soon"}, {"timestamp": 1e300}):
        draft = a_draft(payload)
        clock.apply(draft)
        assert draft.happened_at == RECEIVED_AT


def test_times_at_the_edge_of_the_calendar_do_not_overflow():
    draft = a_draft({"timestamp": "9999-12-31T23:59:59Z"}, sent_at=RECEIVED_AT - 2 * DAY)
    clock.apply(draft)
    assert draft.happened_at == RECEIVED_AT

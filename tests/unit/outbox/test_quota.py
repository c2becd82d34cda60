from crashdesk.clock import FrozenClock
from crashdesk.outbox.quota import Caps, Entry, to_drop
from crashdesk.outbox.store import State
from support.outboxes import feedback_report, new_report, open_outbox

DAY = 86_400


def entry(number, category="error", state="ready", age=0.0, size=10, likeness=""):
    return Entry(number, category, state, 1000 * DAY - age, size, likeness or f"own-{number}")


def dropped(entries, *, newest, reports=100, size_bytes=10_000, age_days=30):
    drops = to_drop(entries, Caps(reports, size_bytes, age_days), 1000 * DAY, newest)
    return [(drop.entry.id, drop.reason) for drop in drops]


def test_nothing_goes_while_there_is_room():
    assert dropped([entry(1), entry(2)], newest=2) == []


def test_the_oldest_crash_goes_first_when_there_are_too_many():
    assert dropped([entry(1, age=3), entry(2, age=9), entry(3)], newest=3, reports=2) == [(2, "queue_overflow")]


def test_repeats_of_one_failure_go_before_single_ones():
    entries = [entry(1, age=9), entry(2, age=5, likeness="same"), entry(3, age=4, likeness="same"), entry(4)]
    assert dropped(entries, newest=4, reports=3) == [(2, "queue_overflow")]


def test_what_the_server_refused_goes_before_anything_else():
    entries = [entry(1, age=9), entry(2, age=1, state="parked"), entry(3)]
    assert dropped(entries, newest=3, reports=2) == [(2, "queue_overflow")]


def test_a_persons_words_go_last():
    entries = [entry(1, category="feedback", age=20), entry(2, age=1), entry(3)]
    assert dropped(entries, newest=3, reports=2) == [(2, "queue_overflow")]


def test_what_is_being_sent_and_the_newest_stay():
    entries = [entry(1, state="claimed", age=99), entry(2)]
    assert dropped(entries, newest=2, reports=1) == []


def test_bytes_are_bounded_too():
    entries = [entry(1, age=2, size=600), entry(2, age=1, size=600), entry(3, size=600)]
    assert dropped(entries, newest=3, size_bytes=1300) == [(1, "cache_overflow")]


def test_old_reports_expire_whatever_their_state():
    entries = [entry(1, age=31 * DAY), entry(2, state="waiting", age=31 * DAY), entry(3)]
    assert dropped(entries, newest=3) == [(1, "expired"), (2, "expired")]


def test_a_full_outbox_keeps_the_words_and_counts_what_it_gave_up(tmp_path):
    clock = FrozenClock()
    outbox = open_outbox(tmp_path, clock, caps=Caps(reports=3, size_bytes=10**9, age_days=30))
    outbox.put(feedback_report())
    for _ in range(5):
        clock.advance(1)
        outbox.put(new_report())
    assert outbox.count(State.READY) == 3
    assert [report.category for report in outbox.reports()] == ["feedback", "error", "error"]
    assert [(drop.reason, drop.quantity) for drop in outbox.drops()] == [("queue_overflow", 3)]

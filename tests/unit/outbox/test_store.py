import threading

import pytest

from crashdesk.clock import FrozenClock
from crashdesk.errors import UsageError
from crashdesk.outbox.notices import Consent, Notices
from crashdesk.outbox.store import Drops, State
from support.outboxes import DSN, envelope_bytes, feedback_report, new_report, open_outbox

EVENT_ID = "a" * 32


@pytest.fixture
def clock():
    return FrozenClock()


@pytest.fixture
def outbox(tmp_path, clock):
    outbox = open_outbox(tmp_path / "outbox", clock)
    yield outbox
    outbox.close()


def claim_one(outbox):
    (report,) = outbox.claim()
    return report


def test_what_was_put_comes_back_whole(outbox, clock):
    new = new_report(EVENT_ID, withdrawal_secret="secret")
    report = outbox.get(outbox.put(new))
    assert (report.event_id, report.envelope, report.dsn) == (EVENT_ID, new.envelope, DSN)
    assert (report.state, report.created_at, report.size_bytes) == (State.READY, clock.now(), len(new.envelope))
    assert (report.product, report.release, report.withdrawal_secret) == ("Fieldbook", "2.4.0", "secret")


def test_of_two_reports_with_one_event_id_the_first_stays(outbox):
    first = outbox.put(new_report(EVENT_ID, words="first"))
    assert outbox.put(new_report(EVENT_ID, words="second")) == first
    assert b"first" in outbox.get(first).envelope
    assert outbox.counter("captured") == 1


def test_a_title_with_a_lone_surrogate_is_kept(outbox):
    assert outbox.get(outbox.put(new_report(title="bad \ud800 text"))).title == "bad ? text"


def test_a_new_report_cannot_be_done_already(outbox):
    with pytest.raises(UsageError):
        outbox.put(new_report(state=State.DONE))


def test_a_waiting_report_is_not_claimed_before_the_person_says_so(outbox):
    number = outbox.put(new_report(state=State.WAITING))
    assert outbox.claim() == []
    assert outbox.next_due_seconds() is None
    outbox.approve(number)
    assert claim_one(outbox).id == number


def test_what_the_person_changed_is_what_is_sent(outbox):
    number = outbox.put(new_report(EVENT_ID, state=State.WAITING))
    changed = envelope_bytes(EVENT_ID, "with my words")
    outbox.approve(number, envelope=changed)
    report = claim_one(outbox)
    assert (report.envelope, report.size_bytes) == (changed, len(changed))


def test_a_report_under_way_is_not_changed_any_more(outbox):
    number = outbox.put(new_report(EVENT_ID))
    claim_one(outbox)
    outbox.approve(number, envelope=b"too late")
    assert outbox.get(number).envelope == envelope_bytes(EVENT_ID)


def test_a_claimed_report_is_not_claimed_twice(outbox):
    outbox.put(new_report())
    claim_one(outbox)
    assert outbox.claim() == []
    assert outbox.next_due_seconds() == 120


def test_a_claim_that_ran_out_is_taken_again(outbox, clock):
    outbox.put(new_report())
    assert claim_one(outbox).attempts == 1
    clock.advance(121)
    assert claim_one(outbox).attempts == 2


def test_a_delivered_report_leaves_a_row_without_bytes(outbox, clock):
    number = outbox.put(new_report(EVENT_ID, withdrawal_secret="secret"))
    clock.advance(5)
    outbox.done(claim_one(outbox))
    report = outbox.get(number)
    assert (report.state, report.envelope, report.sent_at) == (State.DONE, b"", clock.now())
    assert report.withdrawal_secret == "secret"
    assert outbox.put(new_report(EVENT_ID)) == number  # and is not sent again
    assert outbox.claim() == []


def test_later_keeps_the_report_until_its_time_has_come(outbox, clock):
    outbox.put(new_report())
    outbox.later(claim_one(outbox), 30, "The server could not take it (500).")
    (report,) = outbox.reports()
    assert (report.state, report.reason) == (State.LATER, "The server could not take it (500).")
    assert outbox.next_due_seconds() == 30
    clock.advance(29)
    assert outbox.claim() == []
    clock.advance(1)
    assert claim_one(outbox).id == report.id


def test_a_clock_put_back_does_not_silence_a_report(outbox, clock):
    outbox.put(new_report())
    outbox.later(claim_one(outbox), 30, "network")
    clock.advance(-86_400)
    assert len(outbox.claim()) == 1


def test_a_lost_claim_cannot_move_the_report(outbox, clock):
    outbox.put(new_report())
    first = claim_one(outbox)
    clock.advance(121)
    second = claim_one(outbox)
    outbox.later(first, 900, "too late")
    outbox.park(first, "too late")
    assert outbox.get(first.id).state is State.CLAIMED
    outbox.done(second)
    assert outbox.count(State.DONE) == 1


def test_a_parked_report_is_kept_counted_and_never_claimed(outbox, clock):
    number = outbox.put(new_report())
    outbox.park(claim_one(outbox), "refused (400)")
    clock.advance(10_000_000)
    assert outbox.claim() == []
    assert outbox.get(number).reason == "refused (400)"
    assert outbox.drops() == [Drops(DSN, "send_error", "error", 1)]


def test_a_parked_report_can_be_tried_again(outbox):
    number = outbox.put(new_report())
    outbox.park(claim_one(outbox), "refused (400)")
    outbox.retry(number)
    assert outbox.drops() == []
    assert claim_one(outbox).id == number


def test_a_refused_report_is_in_no_file_and_counted(outbox):
    number = outbox.put(new_report(state=State.WAITING, words="my private words"))
    outbox.refuse(number)
    assert outbox.get(number) is None
    assert outbox.drops() == [Drops(DSN, "by_person", "error", 1)]
    files = [path for path in outbox.directory.rglob("*") if path.is_file()]
    assert not any(b"my private words" in path.read_bytes() for path in files)


def test_all_waiting_reports_can_be_refused_at_once(outbox):
    outbox.put(new_report())
    for _ in range(3):
        outbox.put(new_report(state=State.WAITING))
    outbox.refuse_all_waiting()
    assert outbox.waiting() == []
    assert outbox.count(State.READY) == 1


def test_the_newest_crash_goes_first_and_feedback_does_not_starve(outbox, clock):
    names = {}
    for kind in ("crash 1", "words 1", "crash 2", "words 2", "crash 3"):
        build = feedback_report if kind.startswith("words") else new_report
        names[outbox.put(build())] = kind
        clock.advance(1)
    order = [names[claim_one(outbox).id] for _ in names]
    assert order == ["crash 3", "words 1", "crash 2", "words 2", "crash 1"]


def test_several_can_be_claimed_at_once(outbox):
    for _ in range(5):
        outbox.put(new_report())
    assert len(outbox.claim(limit=3)) == 3
    assert len(outbox.claim(limit=3)) == 2


def test_a_blocked_server_does_not_hold_up_others(outbox):
    outbox.put(new_report(dsn="http://k@one/1"))
    other = outbox.put(new_report(dsn="http://k@two/1"))
    assert [report.id for report in outbox.claim(limit=5, skip=["http://k@one/1"])] == [other]
    assert outbox.next_due_seconds(skip=["http://k@one/1", "http://k@two/1"]) is None


def test_a_server_that_is_back_gets_what_was_put_off(outbox):
    outbox.put(new_report())
    outbox.later(claim_one(outbox), 900, "network")
    outbox.hasten("http://k@another/1")
    assert outbox.claim() == []
    outbox.hasten(DSN)
    assert len(outbox.claim()) == 1


def test_a_refusal_freezes_what_was_ready_but_not_what_the_person_sends(outbox, clock):
    outbox.put(new_report())
    clock.advance(1)
    Notices(outbox).set_consent(Consent.REFUSED)
    clock.advance(1)
    words = outbox.put(feedback_report())
    own = outbox.put(new_report(by_person=True))
    assert {report.id for report in outbox.claim(limit=5)} == {words, own}


def test_a_new_consent_frees_what_a_refusal_froze(outbox):
    outbox.put(new_report())
    Notices(outbox).set_consent(Consent.REFUSED)
    Notices(outbox).set_consent(Consent.GIVEN)
    assert len(outbox.claim()) == 1


def test_lists_carry_no_envelopes(outbox):
    outbox.put(new_report(state=State.WAITING))
    assert [report.envelope for report in outbox.waiting()] == [b""]


def test_facts_are_json_values_and_none_forgets(outbox):
    outbox.set_fact("contact", {"mail": "a@example.org", "times": [1, 2]})
    assert outbox.fact("contact") == {"mail": "a@example.org", "times": [1, 2]}
    outbox.set_fact("contact", None)
    assert outbox.fact("contact") is None


def test_own_and_foreign_changes_are_noticed(tmp_path, outbox):
    before = outbox.change_counter()
    assert outbox.change_counter() == before
    outbox.put(new_report())
    after_own = outbox.change_counter()
    other = open_outbox(outbox.directory)
    other.put(new_report())
    other.close()
    assert before < after_own < outbox.change_counter()


def test_the_history_of_delivered_reports_stays_short(outbox, clock, monkeypatch):
    monkeypatch.setattr("crashdesk.outbox.ledger.HISTORY_ROWS", 3)
    for _ in range(5):
        clock.advance(1)
        outbox.put(new_report())
        outbox.done(claim_one(outbox))
    assert outbox.count(State.DONE) == 3
    assert outbox.counter("delivered") == 5


def test_many_threads_put_and_nothing_is_lost(outbox):
    threads = [
        threading.Thread(target=lambda: [outbox.put(new_report()) for _ in range(20)], name=f"putter-{number}")
        for number in range(5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outbox.count(State.READY) == 100


def test_what_was_never_put_in_is_counted_too(outbox):
    outbox.count_drop(Drops(DSN, "repeated", "error", 9_990))
    outbox.count_drop(Drops(DSN, "repeated", "error", 1))
    assert outbox.drops() == [Drops(DSN, "repeated", "error", 9_991)]
    assert outbox.counter("captured") == 9_991


def test_a_client_report_marks_its_losses_as_told_and_is_no_report_of_a_person(outbox):
    outbox.refuse(outbox.put(new_report(state=State.WAITING)))
    drops = outbox.drops(untold=True)
    outbox.add_client_report(new_report(kind="client_report", category="internal"), drops)
    assert outbox.drops(untold=True) == []
    assert outbox.drops() == drops
    assert outbox.reports() == []
    outbox.done(claim_one(outbox))
    assert outbox.counter("delivered") == 0

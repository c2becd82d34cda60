import json
import threading

import pytest

from crashdesk.agent.http import HttpSender, Limits
from crashdesk.agent.uploader import KEY_REFUSED_SECONDS, Uploader
from crashdesk.clock import FrozenClock
from crashdesk.outbox.notices import Consent, Notices
from crashdesk.outbox.store import State
from support import collectors
from support.collectors import running_collector, unused_port
from support.outboxes import envelope_bytes, feedback_report, new_report, open_outbox
from support.waiting import until

EVENT_ID = "a" * 32
QUICK = Limits(connect_seconds=2, read_seconds=0.5, total_seconds=5)


@pytest.fixture
def clock():
    return FrozenClock()


@pytest.fixture
def outbox(tmp_path, clock):
    outbox = open_outbox(tmp_path / "outbox", clock)
    yield outbox
    outbox.close()


@pytest.fixture
def uploader(outbox, clock):
    return Uploader(outbox, HttpSender(QUICK), clock, roll=lambda: 0.5)


def only(outbox):
    (report,) = outbox.reports()
    return report


def steps(uploader, number=20):
    """Step until there is nothing to do at this moment; return the seconds until there is."""
    for _ in range(number):
        seconds = uploader.step()
        if seconds > 0:
            return seconds
    raise AssertionError("it never comes to rest")


def test_a_ready_report_is_delivered_with_the_time_of_sending(outbox, uploader, clock):
    with running_collector() as collector:
        outbox.put(new_report(EVENT_ID, dsn=collector.dsn))
        assert uploader.step() == 0
        assert steps(uploader) == 60
    assert only(outbox).state is State.DONE
    (received,) = collector.received
    assert received.envelope_headers == {"event_id": EVENT_ID, "sent_at": "2026-01-01T00:00:00.000Z"}
    assert received.body.partition(b"\n")[2] == envelope_bytes(EVENT_ID).partition(b"\n")[2]


@pytest.mark.parametrize(
    "behaviour",
    [
        collectors.sign_in_page,
        collectors.other_id,
        collectors.reset,
        collectors.half_answer,
        collectors.broken_framing,
        collectors.silence,
        collectors.status(200, b""),
        collectors.status(204, b""),
        collectors.status(302, Location="http://127.0.0.1:9/"),
        collectors.status(404),
        collectors.status(500),
        collectors.status(502, b"<html>bad gateway</html>"),
    ],
)
def test_whatever_is_no_receipt_keeps_the_report_for_later(outbox, uploader, clock, behaviour):
    with running_collector(behaviour) as collector:
        outbox.put(new_report(EVENT_ID, dsn=collector.dsn))
        uploader.step()
        report = only(outbox)
        assert (report.state, outbox.get(report.id).envelope) == (State.LATER, envelope_bytes(EVENT_ID))
        assert report.reason
        assert uploader.trouble == report.reason
        clock.advance(1)
        steps(uploader)
    assert only(outbox).state is State.DONE
    assert uploader.trouble is None


@pytest.mark.parametrize("status", [400, 413, 415])
def test_a_refused_report_is_parked_and_never_sent_again(outbox, uploader, clock, status):
    with running_collector(usual=collectors.status(status, X_Sentry_Error="item_truncated")) as collector:
        outbox.put(new_report(dsn=collector.dsn))
        steps(uploader)
        clock.advance(1_000_000)
        steps(uploader)
    assert len(collector.received) == 1
    assert only(outbox).state is State.PARKED
    assert f"{status}, item_truncated" in only(outbox).reason


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_pauses_everything_for_it(outbox, uploader, clock, status):
    with running_collector(collectors.status(status)) as collector:
        for _ in range(3):
            outbox.put(new_report(dsn=collector.dsn))
        assert steps(uploader) == pytest.approx(60)
        assert len(collector.received) == 1
        assert "refused the key" in uploader.trouble
        clock.advance(KEY_REFUSED_SECONDS + 1)
        steps(uploader)
    assert outbox.count(State.DONE) == 3


@pytest.mark.parametrize("status", [429, 503])
def test_later_keeps_the_report_until_retry_after_has_passed(outbox, uploader, clock, status):
    with running_collector(collectors.status(status, Retry_After="40")) as collector:
        outbox.put(new_report(dsn=collector.dsn))
        uploader.step()
        assert steps(uploader) == pytest.approx(40)
        clock.advance(39)
        steps(uploader)
        assert len(collector.received) == 1
        clock.advance(2)
        steps(uploader)
    assert only(outbox).state is State.DONE


def test_a_rate_limit_holds_its_category_only(outbox, uploader, clock):
    limited = collectors.status(429, X_Sentry_Rate_Limits="30:error:project")
    with running_collector(limited) as collector:
        outbox.put(new_report(dsn=collector.dsn))
        uploader.step()
        outbox.put(new_report(dsn=collector.dsn))
        outbox.put(feedback_report(dsn=collector.dsn))
        steps(uploader)
        assert outbox.count(State.DONE) == 1
        assert len(collector.received) == 2
        clock.advance(31)
        steps(uploader)
    assert outbox.count(State.DONE) == 3


@pytest.mark.parametrize("nonsense", ["soon", "-5", "99999999999"])
def test_nonsense_in_retry_after_neither_floods_nor_silences_for_good(outbox, uploader, clock, nonsense):
    with running_collector(collectors.status(429, Retry_After=nonsense)) as collector:
        outbox.put(new_report(dsn=collector.dsn))
        uploader.step()
        assert uploader.step() > 0
        clock.advance(86_401)
        steps(uploader)
    assert only(outbox).state is State.DONE


def test_a_server_that_is_away_is_tried_ever_more_rarely_by_one_report_at_a_time(outbox, uploader, clock):
    dsn = f"http://k@127.0.0.1:{unused_port()}/7"
    for _ in range(5):
        outbox.put(new_report(dsn=dsn))
    waits = []
    for _ in range(8):
        waits.append(steps(uploader))
        clock.advance(waits[-1])
    assert waits == [1, 2, 4, 8, 16, 32, 60, 4]  # 64 s, looked at once a minute


def test_a_server_that_comes_back_gets_everything_at_once(outbox, uploader, clock):
    port = unused_port()
    for _ in range(4):
        outbox.put(new_report(dsn=f"http://k@127.0.0.1:{port}/7"))
        clock.advance(steps(uploader))
    with running_collector(port=port) as collector:
        steps(uploader)
    assert outbox.count(State.DONE) == 4
    assert len(set(collector.event_ids)) == len(collector.received) == 4


def test_one_server_away_does_not_hold_up_another(outbox, uploader):
    outbox.put(new_report(dsn=f"http://k@127.0.0.1:{unused_port()}/7"))
    with running_collector() as collector:
        outbox.put(new_report(EVENT_ID, dsn=collector.dsn))
        steps(uploader)
    assert collector.event_ids == [EVENT_ID]


def test_nothing_is_sent_before_the_person_agreed(outbox, uploader):
    with running_collector() as collector:
        number = outbox.put(new_report(dsn=collector.dsn, state=State.WAITING))
        steps(uploader)
        assert collector.received == []
        outbox.approve(number)
        steps(uploader)
        assert len(collector.received) == 1


def test_a_refusal_after_the_capture_is_honoured_when_sending(outbox, uploader, clock):
    with running_collector() as collector:
        outbox.put(new_report(dsn=collector.dsn))
        clock.advance(1)
        Notices(outbox).set_consent(Consent.REFUSED)
        steps(uploader)
    assert collector.received == []
    assert uploader.is_finished()


@pytest.mark.parametrize("envelope", [b"", b"no envelope", b"[]\n{}"])
def test_an_unreadable_envelope_is_parked_and_the_rest_goes_on(outbox, uploader, envelope):
    with running_collector() as collector:
        outbox.put(new_report(EVENT_ID, dsn=collector.dsn))
        outbox.put(new_report(dsn=collector.dsn, envelope=envelope))
        steps(uploader)
    assert collector.event_ids[0] == EVENT_ID
    assert len(collector.received) == 2  # the second tells the loss
    assert outbox.count(State.PARKED) == 1


def test_an_unreadable_dsn_is_parked_with_its_reason(outbox, uploader):
    outbox.put(new_report(dsn="nonsense"))
    steps(uploader)
    assert "DSN" in only(outbox).reason
    assert only(outbox).state is State.PARKED


def test_a_report_without_a_dsn_goes_to_the_agents_own(outbox, clock):
    with running_collector() as collector:
        outbox.put(new_report(EVENT_ID, dsn=""))
        steps(Uploader(outbox, HttpSender(QUICK), clock, default_dsn=collector.dsn))
    assert collector.event_ids == [EVENT_ID]


def test_what_a_dead_agent_was_sending_is_sent_at_once(outbox, uploader):
    with running_collector() as collector:
        outbox.put(new_report(EVENT_ID, dsn=collector.dsn))
        outbox.claim()
        uploader.recover()
        steps(uploader)
    assert collector.event_ids == [EVENT_ID]


def test_a_report_that_ends_the_agent_again_and_again_does_not_loop(outbox, uploader, clock):
    outbox.put(new_report())
    for _ in range(6):
        clock.advance(1000)
        outbox.claim()
    uploader.recover()
    assert outbox.next_due_seconds() == 32


def test_a_server_is_told_once_what_was_given_up(outbox, uploader):
    with running_collector() as collector:
        outbox.refuse(outbox.put(new_report(dsn=collector.dsn, state=State.WAITING)))
        steps(uploader)
        assert collector.received == []  # not by itself: only after the person let something be sent
        outbox.put(new_report(EVENT_ID, dsn=collector.dsn))
        steps(uploader)
        steps(uploader)
    assert len(collector.received) == 2
    item = json.loads(collector.received[1].body.splitlines()[2])
    assert item["discarded_events"] == [{"reason": "by_person", "category": "error", "quantity": 1}]
    assert outbox.count(State.DONE) == 1


def test_run_until_empty_ends_when_all_is_delivered(tmp_path):
    outbox = open_outbox(tmp_path, None)
    with running_collector() as collector:
        for _ in range(5):
            outbox.put(new_report(dsn=collector.dsn))
        Uploader(outbox, HttpSender(QUICK)).run(threading.Event(), until_empty=True)
    assert len(collector.received) == 5


def test_run_notices_what_another_process_puts_in(tmp_path):
    outbox, stop = open_outbox(tmp_path), threading.Event()
    thread = threading.Thread(target=Uploader(outbox, HttpSender(QUICK)).run, args=(stop,))
    thread.start()
    try:
        with running_collector() as collector:
            product = open_outbox(tmp_path)
            product.put(new_report(EVENT_ID, dsn=collector.dsn))
            until(lambda: collector.event_ids == [EVENT_ID], seconds=10)
            until(lambda: product.count(State.DONE), seconds=10)
    finally:
        stop.set()
        thread.join(10)
    assert not thread.is_alive()


def test_the_loop_outlives_a_surprise(tmp_path, expected_logs):
    expected_logs("unexpected error and goes on")
    outbox, stop = open_outbox(tmp_path), threading.Event()

    class Surprising:
        def send(self, dsn, body):
            stop.set()
            raise ZeroDivisionError

        def abort(self):
            pass

    outbox.put(new_report())
    Uploader(outbox, Surprising(), roll=lambda: 0.0).run(stop)
    assert only(outbox).state is State.CLAIMED  # and comes again when the claim has run out

import pytest

from crashdesk.clock import FrozenClock
from crashdesk.errors import UsageError
from crashdesk.outbox.notices import MAX_WAITING, Consent, Notices
from crashdesk.outbox.store import State
from support.outboxes import new_report, open_outbox


@pytest.fixture
def clock():
    return FrozenClock()


@pytest.fixture
def outbox(tmp_path, clock):
    return open_outbox(tmp_path, clock)


@pytest.fixture
def notices(outbox):
    return Notices(outbox)


def test_a_notice_is_taken_once_in_the_order_of_posting(notices):
    notices.post("open_feedback", {"source": "menu"})
    notices.post("open_feedback")
    assert notices.has("open_feedback")
    assert notices.take("open_feedback") == [{"source": "menu"}, {}]
    assert notices.take("open_feedback") == []


def test_notices_of_other_names_stay(notices):
    notices.post("show")
    assert notices.take("quit") == []
    assert notices.take("show") == [{}]


def test_a_notice_that_nobody_took_in_time_is_forgotten(notices, clock):
    notices.post("show")
    clock.advance(61)
    assert not notices.has("show")
    assert notices.take("show") == []


def test_a_flood_keeps_the_newest(notices):
    for number in range(MAX_WAITING + 10):
        notices.post("report_waiting", {"number": number})
    assert [payload["number"] for payload in notices.take("report_waiting")] == list(range(10, MAX_WAITING + 10))


def test_only_declared_notices_of_bounded_size_are_posted(notices):
    with pytest.raises(UsageError, match="no notice named dance"):
        notices.post("dance")
    with pytest.raises(UsageError, match="larger than"):
        notices.post("show", {"words": "x" * 100_000})


def test_consent_is_unknown_until_the_person_decides(notices, clock):
    assert (notices.consent, notices.consent_since) == (Consent.UNKNOWN, None)
    notices.set_consent(Consent.GIVEN)
    assert (notices.consent, notices.consent_since) == (Consent.GIVEN, clock.now())
    notices.set_consent(Consent.UNKNOWN)
    assert notices.consent is Consent.UNKNOWN


def test_a_refusal_deletes_what_waits_for_the_person(notices, outbox):
    outbox.put(new_report(state=State.WAITING))
    notices.set_consent(Consent.REFUSED)
    assert outbox.waiting() == []
    assert [drop.reason for drop in outbox.drops()] == ["by_person"]

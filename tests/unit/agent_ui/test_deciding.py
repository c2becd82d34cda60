from crashdesk.agent.ui import deciding
from crashdesk.agent.ui.problems import Memory, plan, read
from crashdesk.agent.ui.reply import Action, Reply
from crashdesk.outbox.notices import Consent, Notices
from crashdesk.outbox.store import NewReport, Outbox, State
from crashdesk.protocol.envelope import Envelope, Item
from support.waiting_reports import DSN, event, put

PICTURE = Item.attachment("screenshot.png", b"pixels", "image/png")


def types(outbox: Outbox, number: int) -> list[str]:
    return [item.type for item in Envelope.parse(outbox.get(number).envelope).items]


def test_always_sends_what_waits_without_pictures_and_with_drafts(outbox: Outbox) -> None:
    bare, written = put(outbox, event(), PICTURE), put(outbox)
    deciding.keep_draft(outbox, written, Reply(words="half a thought"))
    deciding.set_consent(outbox, Notices(outbox), Consent.GIVEN)
    assert (types(outbox, bare), types(outbox, written)) == (["event"], ["event", "feedback"])
    assert outbox.count(State.READY) == 2
    assert outbox.fact(f"draft:{written}") is None


def test_answer_for_a_report_that_is_gone_changes_nothing(outbox: Outbox) -> None:
    number = put(outbox)
    outbox.refuse(number)
    deciding.settle_repeat(outbox, number, Reply(Action.SEND))
    deciding.send_waiting(outbox, number)
    assert outbox.reports() == []


def test_report_that_is_on_its_way_is_not_touched_again(outbox: Outbox) -> None:
    number = put(outbox, state=State.READY)
    deciding.settle_repeat(outbox, number, Reply(Action.REFUSE))
    assert outbox.get(number).state is State.READY


def test_parked_report_is_tried_again_when_the_person_wants_it(outbox: Outbox) -> None:
    put(outbox, state=State.READY)
    (claimed,) = outbox.claim()
    outbox.park(claimed, "The server refused this report (400).")
    deciding.send_now(outbox, claimed.id)
    assert len(outbox.claim()) == 1


def test_damaged_report_goes_as_it_is_and_is_not_emptied(outbox: Outbox) -> None:
    damaged = NewReport("d" * 32, "python", "error", "T", "1-aa", b"\x00 damaged", DSN, State.WAITING)
    number = outbox.put(damaged)
    (problem,) = plan([read(number, "1-aa", damaged.envelope)], Memory(), "Fieldbook").ask
    deciding.settle(outbox, problem, Reply(Action.SEND, words="w"), "f" * 32)
    assert (outbox.get(number).state, outbox.get(number).envelope) == (State.READY, damaged.envelope)


def test_empty_draft_leaves_no_trace(outbox: Outbox) -> None:
    number = put(outbox)
    deciding.keep_draft(outbox, number, Reply(words="w"))
    deciding.keep_draft(outbox, number, Reply())
    assert outbox.fact(f"draft:{number}") is None

from crashdesk.agent.ui.reply import (
    MAX_STANDING,
    Action,
    Reply,
    compose,
    reply_from_draft,
    standing_from_json,
    standing_to_json,
)
from crashdesk.protocol.envelope import Envelope, Item
from crashdesk.protocol.feedback import Feedback
from support.waiting_reports import envelope

PICTURE = Item.attachment("screenshot.png", b"pixels", "image/png")
ID = "f" * 32


def test_report_sent_without_a_word_keeps_its_bytes() -> None:
    stored = envelope().to_bytes()
    assert compose(Envelope.parse(stored), Reply(Action.SEND), ID).to_bytes() == stored


def test_words_become_a_feedback_in_the_same_envelope() -> None:
    whole = envelope()
    sent = compose(whole, Reply(Action.SEND, words="I removed a row.", contact="mia@example.org"), ID)
    feedback = Feedback.from_event(sent.items[1].json())
    assert (feedback.message, feedback.contact_email) == ("I removed a row.", "mia@example.org")
    assert (feedback.feedback_id, feedback.associated_event_id) == (ID, whole.event_id)
    assert sent.items[0].payload == whole.items[0].payload


def test_leave_to_ask_back_travels_without_words_too() -> None:
    sent = compose(envelope(), Reply(Action.SEND, contact="mia@example.org"), ID)
    assert Feedback.from_event(sent.items[1].json()).contact_email == "mia@example.org"


def test_how_often_it_happens_stands_with_the_event() -> None:
    sent = compose(envelope(), Reply(Action.SEND, how_often="sometimes"), ID)
    assert sent.items[0].json()["contexts"]["crashdesk"]["how_often"] == "sometimes"


def test_composing_leaves_the_stored_envelope_alone() -> None:
    whole = envelope()
    before = whole.to_bytes()
    compose(whole, Reply(Action.SEND, words="w", how_often="sometimes", removed=frozenset({"steps"})), ID)
    assert whole.to_bytes() == before


def test_repeats_get_the_switches_but_not_the_words() -> None:
    reply = Reply(Action.SEND, words="w", contact="c@d.e", how_often="sometimes", removed=frozenset({"steps"}))
    assert reply.for_repeats(envelope()) == Reply(Action.SEND, removed=frozenset({"steps"}))


def test_repeats_carry_no_file_once_a_file_was_switched_off() -> None:
    reply = Reply(Action.SEND, removed=frozenset({"file:1"}))
    other = envelope(None, Item.attachment("log.txt", b"log"), PICTURE)
    assert reply.for_repeats(other).removed == {"file:1", "file:2"}


def test_repeats_carry_no_picture_once_one_was_blacked_out() -> None:
    reply = Reply(Action.SEND, pictures={"file:1": b"covered"})
    assert reply.for_repeats(envelope(None, PICTURE)).removed == {"file:1"}


def test_repeats_never_carry_a_picture_nobody_looked_at() -> None:
    other = envelope(None, Item.attachment("log.txt", b"log"), PICTURE)
    assert Reply(Action.SEND).for_repeats(other).removed == {"file:2"}


def test_black_bars_are_not_remembered_so_their_picture_stays_at_home() -> None:
    reply = Reply(Action.SEND, words="w", pictures={"file:1": b"covered"})
    assert reply_from_draft(reply.draft()).removed == {"file:1"}
    assert standing_from_json(standing_to_json({"1-aa": reply}))["1-aa"].removed == {"file:1"}


def test_draft_comes_back_as_it_was() -> None:
    reply = Reply(words="w", how_often="every_time", contact="c@d.e", removed=frozenset({"steps", "file:1"}))
    assert reply_from_draft(reply.draft()) == reply


def test_odd_draft_counts_as_nothing_entered() -> None:
    assert reply_from_draft({"words": None, "how_often": "weekly", "removed": 3}) == Reply()


def test_standing_answers_come_back_as_they_were() -> None:
    standing = {"1-aa": Reply(Action.REFUSE, is_for_ever=True, removed=frozenset({"steps"}))}
    assert standing_from_json(standing_to_json(standing)) == standing


def test_odd_standing_answer_means_asking_again() -> None:
    assert standing_from_json({"1-aa": {"action": "maybe"}, "1-bb": 3, "1-cc": {}}) == {}
    assert standing_from_json("nonsense") == {}


def test_oldest_standing_answers_are_forgotten() -> None:
    many = {f"1-{number}": Reply(Action.SEND) for number in range(MAX_STANDING + 5)}
    assert next(iter(standing_to_json(many))) == "1-5"

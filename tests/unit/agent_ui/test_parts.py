import json

from hypothesis import given
from hypothesis import strategies as st

from crashdesk.agent.ui.parts import EVENT_PARTS, parts, split_event, without
from crashdesk.protocol.envelope import Envelope, Item
from crashdesk.protocol.feedback import Feedback
from crashdesk.protocol.snapshot import SECTIONS
from support.waiting_reports import envelope, event

PICTURE = Item.attachment("screenshot.png", b"\x89PNG not really", "image/png")

KEYS = sorted({key for kind in EVENT_PARTS for key in kind.keys} | {"surprise", "another"})
NAMES = sorted({name for kind in EVENT_PARTS for name in kind.contexts} | {"own_context"})
EVENTS = st.fixed_dictionaries(
    {},
    optional={
        **{key: st.text(max_size=5) for key in KEYS},
        "contexts": st.dictionaries(st.sampled_from(NAMES), st.dictionaries(st.text(max_size=3), st.integers())),
    },
)


def payload_of(changed: Envelope) -> dict:
    return changed.items[0].json()


def keys(of: Envelope) -> list[str]:
    return [part.key for part in parts(of)]


@given(EVENTS)
def test_every_value_of_an_event_belongs_to_exactly_one_part(payload: dict) -> None:
    joined: dict = {}
    for part in split_event(payload).values():
        for key, value in part.items():
            assert key == "contexts" or key not in joined
            joined.setdefault("contexts", {}).update(value) if key == "contexts" else joined.update({key: value})
    assert joined == {key: value for key, value in payload.items() if key != "contexts" or value}


@given(EVENTS, st.sets(st.sampled_from([kind.key for kind in EVENT_PARTS])))
def test_what_is_switched_off_is_in_no_byte_of_what_is_left(payload: dict, removed: set[str]) -> None:
    left = without(Envelope({}, [Item.from_json("event", payload)]), frozenset(removed))
    needed = {kind.key for kind in EVENT_PARTS if kind.is_needed}
    assert not set(split_event(payload_of(left))) & (removed - needed)


def test_untouched_report_keeps_its_bytes() -> None:
    data = b'{"event_id":"' + b"a" * 32 + b'"}\n{"type": "event"}\n{"message":  "odd   spacing"}\n\n'
    whole = Envelope.parse(data)
    assert without(whole, frozenset({"steps"})).to_bytes() == data


def test_parts_come_in_the_order_in_which_people_read_them() -> None:
    assert keys(envelope(None, PICTURE)) == ["error", "steps", "computer", "program", "facts", "report", "file:1"]


def test_steps_switched_off_leave_the_rest_of_the_event() -> None:
    whole = envelope()
    left = payload_of(without(whole, frozenset({"steps"})))
    assert left == {key: value for key, value in payload_of(whole).items() if key != "breadcrumbs"}


def test_computer_switched_off_cuts_its_contexts_only() -> None:
    left = payload_of(without(envelope(), frozenset({"computer"})))
    assert set(left["contexts"]) == {"app", "runtime", "qt", "crashdesk"}


def test_error_and_report_cannot_be_switched_off() -> None:
    whole = envelope()
    assert without(whole, frozenset({"error", "report"})) is whole


def test_context_nobody_knows_goes_with_the_other_facts() -> None:
    payload = event()
    payload["contexts"]["document"] = {"pages": 3}
    left = payload_of(without(envelope(payload), frozenset({"facts"})))
    assert "document" not in left["contexts"]
    assert "tags" not in left


def test_file_switched_off_leaves_the_envelope() -> None:
    left = without(envelope(None, PICTURE), frozenset({"file:1"}))
    assert [item.type for item in left.items] == ["event"]


def test_blacked_out_picture_takes_the_place_of_its_bytes() -> None:
    left = without(envelope(None, PICTURE), frozenset(), {"file:1": b"covered"})
    assert left.items[1].payload == b"covered"
    assert b"not really" not in left.to_bytes()


def test_words_in_the_same_envelope_are_one_part() -> None:
    words = Item.from_json("feedback", {"contexts": {"feedback": {"message": "help"}}})
    assert keys(envelope(None, words))[0] == "words"


def test_plain_feedback_shows_its_words_and_its_facts_apart() -> None:
    about = {"release": "fieldbook@2.4.0", "contexts": {"os": {"name": "Debian"}}}
    words, computer = parts(Envelope({}, [Feedback("a" * 32, "hi").to_item(about)]))
    assert (words.key, words.content["contexts"]["feedback"]["message"], words.content["level"]) == (
        "words",
        "hi",
        "info",
    )
    assert (computer.key, computer.content) == ("computer", {"contexts": {"os": {"name": "Debian"}}})


def test_item_of_another_type_can_be_seen_and_switched_off() -> None:
    whole = envelope(None, Item.from_json("session", {"sid": "1"}))
    assert keys(whole)[-1] == "item:1"
    assert [item.type for item in without(whole, frozenset({"item:1"})).items] == ["event"]


def test_event_that_is_not_json_is_shown_as_it_is() -> None:
    broken = Envelope({}, [Item({"type": "event"}, b"{broken")])
    assert [(part.key, part.content) for part in parts(broken)] == [("item:0", b"{broken")]
    assert without(broken, frozenset({"steps"})) is broken


def test_every_section_of_the_snapshot_belongs_to_computer_or_program() -> None:
    known = {name for kind in EVENT_PARTS if kind.key in {"computer", "program"} for name in kind.contexts}
    assert {section.name for section in SECTIONS} <= known


def test_sizes_are_bytes_of_the_part() -> None:
    sizes = {part.key: part.size_bytes for part in parts(envelope(None, PICTURE))}
    assert sizes["file:1"] == len(PICTURE.payload)
    assert sizes["facts"] == len(json.dumps({"tags": {"plan": "free"}}, separators=(",", ":")))

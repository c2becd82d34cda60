import orjson
from hypothesis import given
from hypothesis import strategies as st

from crashdesk.server.processor.rules import values
from support.drafts import a_draft


def cleaned(payload):
    draft = a_draft(payload)
    values.apply(draft)
    return draft


def problems(payload):
    return {note["problem"]: note["count"] for note in cleaned(payload).notes}


def nested(depth):
    found = "x"
    for _ in range(depth):
        found = {"a": found}
    return {"extra": found}


def test_a_clean_payload_is_left_as_it_is():
    payload = {"message": "Straße", "extra": {"a": [1, 2.5, None, True]}}
    draft = a_draft(payload)
    values.apply(draft)
    assert draft.payload is payload
    assert draft.notes == []


def test_characters_that_no_database_takes_are_removed_from_values_and_keys():
    found = cleaned({"a\0b": "c\0d", "e": "f\ud800"})
    assert found.payload == {"ab": "cd", "e": "f?"}
    assert problems({"a\0b": "c\0d", "e": "f\ud800"}) == {"character_removed": 2, "character_replaced": 1}


def test_numbers_that_json_does_not_know_become_text():
    found = cleaned({"a": float("nan"), "b": float("-inf"), "c": 10**30, "d": -(10**30)})
    assert found.payload["a"] == "nan"
    assert found.payload["b"] == "-inf"
    assert found.payload["c"] == hex(10**30)
    assert problems({"a": float("inf")}) == {"number_not_finite": 1}


def test_a_number_of_a_million_digits_does_not_stop_the_processor():
    assert len(cleaned({"a": 10**100_000}).payload["a"]) <= 2 * values.KEY_LIMIT


def test_what_is_nested_too_deeply_is_cut_off():
    draft = cleaned(nested(5000))
    assert draft.notes == [{"rule": "values", "problem": "too_deep", "count": 1}]
    orjson.dumps(draft.payload)


def test_long_texts_and_keys_are_cut():
    found = cleaned({"k" * 999: "x" * 20_000})
    ((key, text),) = found.payload.items()
    assert (len(key), len(text)) == (values.KEY_LIMIT, values.TEXT_LIMIT + 1)
    assert text.endswith("…")


def test_all_texts_together_are_bounded():
    found = cleaned({"a": ["x" * 15_000] * 400})
    assert sum(map(len, found.payload["a"])) <= values.MOST_TEXT + 400


def test_the_number_of_values_is_bounded():
    draft = cleaned({"a": list(range(200_000))})
    assert len(draft.payload["a"]) < values.MOST_NODES
    assert draft.notes[0]["problem"] == "left_out"


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None), max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=30,
)


@given(st.dictionaries(st.text(st.characters(codec=None), max_size=5), ANYTHING, max_size=4))
def test_whatever_came_is_standard_json_afterwards_and_clean(payload):
    draft = cleaned(payload)
    assert b"\\u0000" not in orjson.dumps(draft.payload)
    assert values.is_clean(draft.payload)

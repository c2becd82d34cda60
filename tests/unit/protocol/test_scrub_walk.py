"""The walk finds every string wherever it stands, and changes nothing but what must go."""

import copy

from hypothesis import given
from hypothesis import strategies as st

from crashdesk.protocol.scrubbing import REMOVED, Scrubber

PLAIN = Scrubber()
KEYS = st.sampled_from(["name", "value", "token", "modules", "pre_context", "vars", "key", "other"])
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.just("password='hunter2'"), st.just("calm"))
JSON = st.recursive(LEAVES, lambda below: st.lists(below, max_size=4) | st.dictionaries(KEYS, below, max_size=4))


def told(value):
    """Return a value as one text."""
    return repr(value)


@given(JSON)
def test_no_secret_survives_and_the_original_stays(value):
    before = copy.deepcopy(value)
    assert "hunter2" not in told(PLAIN.value(value))
    assert value == before


@given(JSON)
def test_a_second_pass_changes_nothing(value):
    once = PLAIN.value(value)
    assert PLAIN.value(once) == once


@given(JSON.filter(lambda value: "hunter2" not in told(value) and "token" not in told(value)))
def test_what_holds_no_secret_is_equal(value):
    assert PLAIN.value({"kept": value}) == {"kept": value}


def test_a_container_of_text_alone_keeps_its_order_when_one_text_changes():
    value = {"vars": {"b": "calm", "a": "password=hunter2", "c": "calm"}, "args": ["x", "token=hunter2", "y"]}
    scrubbed = PLAIN.value(value)
    assert list(scrubbed["vars"].items()) == [("b", "calm"), ("a", f"password={REMOVED}"), ("c", "calm")]
    assert scrubbed["args"] == ["x", f"token={REMOVED}", "y"]

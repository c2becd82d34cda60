import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crashdesk.protocol.jsontext import pruned
from crashdesk.server.processor.payloads import UnreadableItem, read_object


def test_usual_json_is_read():
    assert read_object(b'{"a": [1, "x"]}') == {"a": [1, "x"]}


def test_what_python_programs_write_is_read():
    found = read_object(b'{"a": NaN, "b": -Infinity, "c": "\\ud800", "d": "\xff"}')
    assert math.isnan(found["a"])
    assert found["b"] == -math.inf
    assert found["c"] == "\ud800"
    assert found["d"] == "\ufffd"


def test_any_depth_is_read_without_what_lies_too_deep():
    found = read_object(b'{"a": ' + b'{"x": [' * 100_000 + b"1" + b"]}" * 100_000 + b', "b": 2}')
    assert found["b"] == 2


def test_pruning_keeps_what_is_shallow():
    assert json.loads(pruned(b'{"a": {"b": {"c": 1}}, "d": "}{"}', 2)) == {"a": {"b": "[too deep]"}, "d": "}{"}


@pytest.mark.parametrize("payload", [b"", b"nonsense", b"[1]", b'"x"', b"{", b'{"a": ', b"null"])
def test_what_is_no_object_is_unreadable(payload):
    with pytest.raises(UnreadableItem):
        read_object(payload)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_unreadable(payload):
    try:
        found = read_object(payload)
    except UnreadableItem:
        found = {}
    assert isinstance(found, dict)


def test_of_very_many_values_the_first_are_read():
    found = read_object(b'{"first":1,"a":[' + b",".join([b"[]"] * 400_000) + b'],"last":1}')
    assert found["first"] == 1
    assert 50_000 < len(found["a"]) < 150_000
    assert "last" not in found


def test_a_long_text_is_no_multitude():
    found = read_object(b'{"a":"' + b"x" * 2_000_000 + b'","b":1}')
    assert found["b"] == 1

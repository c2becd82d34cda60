"""Typed reads from JSON that anybody may have written."""

import pytest

from crashdesk.protocol import foreign


@pytest.mark.parametrize(
    ("value", "read"),
    [("a", "a"), ("", None), (7, "7"), (1.5, "1.5"), (True, "true"), (None, None), ([], None), ({}, None)],
)
def test_text_is_text_or_a_number_or_a_truth_value(value, read):
    assert foreign.text(value) == read


def test_a_number_too_long_to_write_is_told_by_its_size():
    assert foreign.text(2**40_000) == "about 2^40001"


@pytest.mark.parametrize(
    ("value", "count"),
    [
        ({"values": [{}, {}]}, 2),
        ([{}, 7, None, {}], 2),
        ({"type": "x"}, 1),
        ({"values": {"a": 1}}, 1),
        (None, 0),
        ("x", 0),
    ],
)
def test_lists_of_objects_come_in_several_forms(value, count):
    assert len(foreign.mappings(value)) == count


@pytest.mark.parametrize(("value", "read"), [(7, 7), ("7", 7), (True, None), (7.5, None), ("7.5", None), ("٣", None)])
def test_a_whole_number_may_be_text(value, read):
    assert foreign.whole(value) == read


def test_truth_is_only_what_is_said():
    assert [foreign.truth(value) for value in (True, False, None, 1, "true")] == [True, False, None, None, None]


def test_pairs_without_name_or_value_are_left_out():
    assert foreign.pairs([["a", 1], ["b"], ["", "x"], [None, "y"], {"key": "c", "value": True}]) == [
        ("a", "1"),
        ("c", "true"),
    ]

"""The table of snapshot sections and the comparison of two snapshots."""

import pytest

from crashdesk.errors import UsageError
from crashdesk.protocol.snapshot import (
    SECTIONS,
    Cost,
    Difference,
    Section,
    differences,
    field_description,
    section,
    snapshot_of,
)


def test_every_section_and_field_is_described_in_sentences():
    assert len({entry.name for entry in SECTIONS}) == len(SECTIONS)
    for entry in SECTIONS:
        assert all(text.endswith(".") for text in (entry.description, *entry.fields.values()))


@pytest.mark.parametrize(("description", "fields"), [("", {"a": "A."}), ("  ", {}), ("Facts.", {"a": ""})])
def test_a_section_without_a_description_for_people_cannot_be_declared(description, fields):
    with pytest.raises(UsageError, match="description for people"):
        Section("x", description, fields, Cost.LIVE)


def test_fields_are_described_by_name():
    assert field_description("os", "name")
    assert field_description("distributions", "anything") == "Name and version of each."
    assert field_description("os", "password") == field_description("nowhere", "x") == ""
    assert section("qt") is not None
    assert section("own_documents") is None


def test_an_event_gives_its_declared_sections():
    event = {"contexts": {"os": {"name": "Linux"}, "trace": {"id": 1}, "qt": []}, "modules": {"pyside6": "6.11"}}
    assert snapshot_of(event) == {"os": {"name": "Linux"}, "distributions": {"pyside6": "6.11"}}
    assert snapshot_of({"contexts": 7}) == {}


def test_what_differs_is_listed_in_the_order_of_the_table():
    before = {"qt": {"version": "6.8", "style": "fusion"}, "os": {"name": "Linux"}, "own": {"a": 1}}
    after = {"qt": {"version": "6.11", "style": "fusion"}, "os": {"name": "Linux", "x": 2}, "own": {"a": 2}}
    assert differences(before, after) == [
        Difference("os", "x", None, 2),
        Difference("qt", "version", "6.8", "6.11"),
        Difference("own", "a", 1, 2),
    ]


def test_the_order_of_keys_and_odd_sections_make_no_difference():
    assert differences({"gui": {"windows": [{"a": 1, "b": 2}]}}, {"gui": {"windows": [{"b": 2, "a": 1}]}}) == []
    assert differences({"os": "x"}, {"os": None}) == []


def test_everything_that_the_sdk_gathers_is_declared():
    from crashdesk.sdk.snapshot import gather  # the other side of the table

    for name, provide in (*gather.STATIC, *gather.LIVE):
        assert [field for field in provide() if not field_description(name, field)] == []

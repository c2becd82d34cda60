"""Envelopes: reading within limits, writing byte for byte, changing one part."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crashdesk.protocol.envelope import (
    Envelope,
    EnvelopeError,
    EnvelopeLimits,
    Item,
    new_event_id,
    normalise_event_id,
)

ID = "0123456789abcdef0123456789abcdef"
TINY = EnvelopeLimits(envelope_bytes=200, header_bytes=60, item_bytes=20, items=3)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
items = st.builds(
    Item,
    st.fixed_dictionaries({"type": st.text(min_size=1)}, optional={"filename": json_values, "x": json_values}),
    st.binary(max_size=60),
)
envelopes = st.builds(
    Envelope, st.fixed_dictionaries({"event_id": st.just(ID)}, optional={"more": json_values}), st.lists(items)
)


def reason_of(data, limits=None):
    with pytest.raises(EnvelopeError) as refused:
        Envelope.parse(data, *([limits] if limits else []))
    return refused.value.reason


def test_items_with_and_without_length_stand_side_by_side():
    data = b'{"event_id":"%s"}\n{"type":"event"}\n{"a":1}\n\n{"type":"attachment","length":3}\n\n\n\n' % ID.encode()
    envelope = Envelope.parse(data)
    assert [item.payload for item in envelope.items] == [b'{"a":1}', b"\n\n\n"]
    assert envelope.items[0].json() == {"a": 1}
    assert envelope.to_bytes() == data


@pytest.mark.parametrize(
    "data",
    [
        b"{}",
        b"{}\n",
        b"{}\n\n\n",
        b'{"event_id":"' + ID.encode() + b'"}',
        b'{}\n{"type":"x"}',
        b'{}\n{"type":"x"}\n',
        b'{}\n{"type":"x","length":0}',
        b'{}\n{"type":"x","length":0}\n',
        b'{}\n{"type":"x","length":0}\n\n{"type":"y"}\nz',
        b'{}\n\n \n{"type":"x","length":2}\nab\n\n',
        b'{"a": NaN, "event_id": null}\r\n{"type":"x", "n": 1e999}\n\n',
        b'{}\n{"type":"unknown","length":null,"type":"twice"}\nabc',
    ],
)
def test_every_legal_form_is_written_as_it_came(data):
    assert Envelope.parse(data).to_bytes() == data


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not_an_envelope"),
        (b"\n", "not_an_envelope"),
        (b"hello", "not_an_envelope"),
        (b'{"exception":{"values":[]},"event_id":"1"}', "not_an_envelope"),
        (b"{\n}", "header_not_json"),
        (b'{"a":"\xff"}\n', "header_not_json"),
        (b'{}\n{"type":"x"', "item_header_not_json"),
        (b"{}\n[]\n", "item_header_not_json"),
        (b'{}\n{"length":1}\na', "item_type_missing"),
        (b'{}\n{"type":7}\na', "item_type_missing"),
        (b'{}\n{"type":"x","length":-1}\na', "item_length_wrong"),
        (b'{}\n{"type":"x","length":"1"}\na', "item_length_wrong"),
        (b'{}\n{"type":"x","length":true}\na', "item_length_wrong"),
        (b'{}\n{"type":"x","length":5}\nabc', "item_truncated"),
        (b'{}\n{"type":"x","length":1}', "item_truncated"),
        (b'{}\n{"type":"x","length":1}\nabc', "missing_newline"),
    ],
)
def test_a_broken_envelope_is_refused_by_name(data, reason):
    assert reason_of(data) == reason


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"{}" + b"\n" * 300, "too_large"),
        (b'{"a":"' + b"a" * 80, "header_too_large"),
        (b"{}" + b"\n" * 150, "header_too_large"),
        (b'{}\n{"type":"x","length":21}\n', "item_too_large"),
        (b'{}\n{"type":"x"}\n' + b"a" * 21, "item_too_large"),
        (b"{}\n" + b'{"type":"x"}\na\n' * 4, "too_many_items"),
    ],
)
def test_what_is_over_a_limit_is_refused_by_name(data, reason):
    assert reason_of(data, TINY) == reason


def test_deep_nesting_in_a_header_is_refused_not_raised():
    assert reason_of(b'{"a":' + b"[" * 60_000) == "header_not_json"


def test_a_payload_that_is_no_json_says_so():
    with pytest.raises(EnvelopeError) as refused:
        Item({"type": "event"}, b"\xff").json()
    assert refused.value.reason == "item_not_json"


def test_an_appended_item_begins_on_its_own_line():
    envelope = Envelope.parse(b'{}\n{"type":"x"}')
    envelope.items.append(Item.from_json("feedback", {"a": "ü"}))
    again = Envelope.parse(envelope.to_bytes())
    assert [item.type for item in again.items] == ["x", "feedback"]
    assert again.items[1].json() == {"a": "ü"}


def test_an_item_appended_after_a_payload_that_ends_in_a_newline_is_apart():
    envelope = Envelope.parse(b'{}\n{"type":"x","length":2}\na\n')
    envelope.items.append(Item({"type": "y"}, b"b"))
    assert [item.payload for item in Envelope.parse(envelope.to_bytes()).items] == [b"a\n", b"b"]


def test_a_removed_item_leaves_its_neighbours_bytes():
    parts = [b'{"event_id": null}\n', b'{ "type":"a"}\n1\n', b'{"type":"b"}\n2\n', b'{"type" :"c","length":1}\n3\n']
    envelope = Envelope.parse(b"".join(parts))
    del envelope.items[1]
    assert envelope.to_bytes() == parts[0] + parts[1] + parts[3]


def test_a_changed_payload_gets_its_new_length():
    envelope = Envelope.parse(b'{}\n{"type":"x","length":1}\na\n{"type":"y"}\nb\n')
    envelope.items[0].payload = b"longer"
    envelope.items[1].payload = b"two\nlines"
    again = Envelope.parse(envelope.to_bytes())
    assert [item.payload for item in again.items] == [b"longer", b"two\nlines"]


def test_a_changed_item_header_keeps_the_payload():
    envelope = Envelope.parse(b'{}\n{"type":"attachment","filename":"a"}\nx')
    envelope.items[0].headers["filename"] = "b"
    again = Envelope.parse(envelope.to_bytes())
    assert (again.items[0].headers["filename"], again.items[0].payload) == ("b", b"x")


def test_an_attachment_carries_its_names():
    item = Item.attachment("dump.dmp", b"MDMP", attachment_type="event.minidump")
    assert item.type == "attachment"
    assert item.headers["filename"] == "dump.dmp"
    assert item.headers["attachment_type"] == "event.minidump"


def test_numbers_that_are_not_finite_are_written_as_standard_json():
    item = Item.from_json("event", {"a": float("nan"), "b": "\ud800"})
    assert json.loads(item.payload, parse_constant=pytest.fail) == {"a": "NaN", "b": "\ud800"}


def test_event_ids_are_read_with_dashes_and_capitals():
    assert normalise_event_id("01234567-89AB-CDEF-0123-456789abcdef") == ID
    assert Envelope({"event_id": ID.upper()}).event_id == ID
    assert [normalise_event_id(value) for value in ("", "x" * 32, 7, None, ID + "0")] == [None] * 5


def test_fresh_event_ids_are_version_4_and_differ():
    first, second = new_event_id(), new_event_id()
    assert first != second
    assert normalise_event_id(first) == first
    assert (first[12], first[16] in "89ab") == ("4", True)


@given(envelopes)
def test_what_is_written_is_read_back(envelope):
    written = envelope.to_bytes()
    again = Envelope.parse(written)
    assert [item.payload for item in again.items] == [item.payload for item in envelope.items]
    assert again.to_bytes() == written


@given(st.binary(max_size=400))
def test_any_bytes_are_an_envelope_or_refused(data):
    try:
        envelope = Envelope.parse(data)
    except EnvelopeError:
        return
    assert envelope.to_bytes() == data


@given(st.data(), envelopes)
def test_a_damaged_envelope_is_still_an_envelope_or_refused(data, envelope):
    written = bytearray(envelope.to_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        written[data.draw(st.integers(0, len(written) - 1))] = data.draw(st.sampled_from(b'\n{}[]":,1e\xff\x00 '))
    try:
        again = Envelope.parse(bytes(written))
    except EnvelopeError:
        return
    assert again.to_bytes() == bytes(written)

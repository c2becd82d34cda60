import json

import pytest

from crashdesk.server.processor.dumps.forms import event_of
from crashdesk.server.processor.dumps.msgpack import read_all
from support.dumps import msgpack


def test_one_field_holds_the_event():
    assert event_of({"sentry": json.dumps({"release": "a@1"})}, {}) == ({"release": "a@1"}, [])


def test_a_long_event_comes_in_numbered_pieces():
    text = json.dumps({"release": "a@1", "tags": {"k": "v" * 50}})
    pieces = {f"sentry__{number}": text[place : place + 9] for number, place in enumerate(range(0, 99, 9), 1)}
    assert event_of(dict(reversed(pieces.items())), {})[0]["release"] == "a@1"


def test_brackets_lead_into_the_event():
    fields = {"sentry[release]": "a@1", "sentry[tags][ui.language]": "de", "sentry[user][id]": "7"}
    assert event_of(fields, {})[0] == {"release": "a@1", "tags": {"ui.language": "de"}, "user": {"id": "7"}}


def test_other_fields_are_extra_data():
    assert event_of({"guid": "x", "sentry": '{"extra": {"a": 1}}'}, {})[0]["extra"] == {"guid": "x", "a": 1}


def test_native_clients_write_the_event_and_its_trail_packed():
    files = {
        "__sentry-event": msgpack({"release": "a@1", "level": "fatal"}),
        "__sentry-breadcrumb1": msgpack({"message": "2", "timestamp": "2026-03-02T12:00:02Z"}),
        "__sentry-breadcrumb2": msgpack({"message": "1", "timestamp": "2026-03-02T12:00:01Z"}),
    }
    event, problems = event_of({}, files)
    assert (event["release"], [entry["message"] for entry in event["breadcrumbs"]]) == ("a@1", ["1", "2"])
    assert problems == []


def test_what_cannot_be_read_is_named_and_costs_nothing_else():
    event, problems = event_of({"sentry": "{", "sentry[release]": "a@1"}, {"__sentry-event": b"\xc1"})
    assert (event, problems) == ({"release": "a@1"}, ["__sentry-event", "sentry"])


def test_hostile_brackets_stay_shallow():
    event, _ = event_of({"sentry" + "[a]" * 40: "x", "sentry[b]": "1", "sentry[b][c]": "2"}, {})
    assert event["b"] == {"c": "2"}


@pytest.mark.parametrize(
    "value",
    [None, True, 7, -1, 2**40, 1.5, "ü" * 300, [], [1, [2, [3]]], {"a": {"b": [None, "c"]}}, list(range(100))],
)
def test_packed_values_are_read(value):
    assert read_all(msgpack(value)) == [value]


def test_short_forms_are_read():
    assert read_all(b"\x7f\xff\xa3abc\x92\x01\x02\x81\xa1k\xcc\xc8") == [127, -1, "abc", [1, 2], {"k": 200}]
    assert read_all(b"\xc4\x02hi\xd6\x01\x00\x00\x00\x00\xc7\x01\x05x") == ["hi", None, None]


@pytest.mark.parametrize(
    "odd", [b"\xdb\xff\xff\xff\xff", b"\xc1", b"\x92\x01", b"\x91" * 10_000, b"\xdd\xff\xff\xff\xff"]
)
def test_broken_packing_raises_and_takes_no_memory(odd):
    with pytest.raises(ValueError):
        read_all(odd)

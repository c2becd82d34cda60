"""Bodies to envelopes: framing at the door, the legacy forms of one event, and what is refused with which reason."""

import base64
import gzip
import json
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crashdesk.protocol.envelope import EnvelopeLimits
from crashdesk.protocol.items import ITEM_TYPES
from crashdesk.server.intake.encodings import RefusedBody
from crashdesk.server.intake.reading import ENVELOPE, STORE, BodyLimits, Framing, decode, framing, to_envelope
from support.intakes import EVENT_ID, envelope_bytes

EVENT = {"event_id": EVENT_ID, "message": "hello"}
STORED = json.dumps(EVENT).encode()
SMALL = BodyLimits(envelope=EnvelopeLimits(items=2), store_bytes=50, item_bytes={"event": 20})


def refusal(route: str, body: bytes, encoding: str = "", limits: BodyLimits = SMALL) -> tuple[str, int]:
    with pytest.raises(RefusedBody) as caught:
        framing(route, body, encoding, limits)
    return caught.value.reason, caught.value.status


def test_the_door_learns_the_id_and_the_dsn_of_an_envelope():
    body = envelope_bytes(dsn="http://k@h/1")
    assert framing(ENVELOPE, gzip.compress(body), "gzip") == Framing(EVENT_ID, "http://k@h/1")


def test_an_item_may_be_as_large_as_the_table_of_item_types_says():
    for row in (row for row in ITEM_TYPES if row.kept and row.max_bytes <= 5_000_000):
        body = b'{}\n{"type":"%s"}\n' % row.name.encode() + b"x" * (row.max_bytes + 1)
        assert refusal(ENVELOPE, body, limits=BodyLimits()) == ("item_too_large", 413), row.name
        assert framing(ENVELOPE, body[:-1], "") == Framing(None, None)


def test_what_is_not_kept_is_not_refused_for_the_size_of_its_kind():
    assert framing(ENVELOPE, b'{}\n{"type":"check_in"}\n' + b"x" * 200_000, "") == Framing(None, None)


def test_an_id_with_dashes_is_answered_without_them():
    assert framing(ENVELOPE, envelope_bytes("01234567-89ab-cdef-0123-456789abcdef"), "").envelope_id == EVENT_ID


@pytest.mark.parametrize("odd", ["", "nonsense", "1234"])
def test_an_id_that_is_none_is_no_reason_to_refuse(odd):
    assert framing(ENVELOPE, envelope_bytes(odd), "").envelope_id is None


def test_a_dsn_that_is_no_text_is_passed_over():
    assert framing(ENVELOPE, b'{"dsn":["x"]}\n', "") == Framing(None, None)


def test_an_envelope_of_headers_only_is_sound():
    assert framing(ENVELOPE, b'{"event_id":"%s"}\n' % EVENT_ID.encode(), "") == Framing(EVENT_ID, None)


def test_an_unknown_item_is_sound():
    assert framing(ENVELOPE, b'{}\n{"type":"from_the_future","length":3}\n\x00\xff\x01\n', "") == Framing(None, None)


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (b"", ("not_an_envelope", 400)),
        (b"MDMP\x00", ("not_an_envelope", 400)),
        (STORED, ("not_an_envelope", 400)),
        (b'{"event_id"\n', ("header_not_json", 400)),
        (b"{}\n{]\n", ("item_header_not_json", 400)),
        (b'{}\n{"length":1}\nx', ("item_type_missing", 400)),
        (b'{}\n{"type":"event","length":9}\nshort', ("item_truncated", 400)),
        (b'{}\n{"type":"event","length":1}\nxy\n', ("missing_newline", 400)),
        (b'{}\n{"type":"event","length":-1}\n', ("item_length_wrong", 400)),
        (b'{}\n{"type":"event"}\n' + b"x" * 21, ("item_too_large", 413)),
        (b'{}\n{"type":"event","length":21}\n' + b"x" * 21, ("item_too_large", 413)),
        (b"{}\n" + b'{"type":"x"}\n{}\n' * 3, ("too_many_items", 413)),
        (b'{"a":"' + b"x" * 70_000 + b'"}\n', ("header_too_large", 413)),
    ],
)  # fmt: skip
def test_what_is_no_sound_envelope_is_refused_with_its_reason(body, answer):
    assert refusal(ENVELOPE, body) == answer


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (STORED, ""),
        (b"  \n" + STORED + b"\n", ""),
        (gzip.compress(STORED), "gzip"),
        (zlib.compress(STORED), "deflate"),
        (base64.b64encode(zlib.compress(STORED)), ""),
        (base64.b64encode(zlib.compress(STORED)) + b"\n", ""),
    ],
    ids=["json", "json with space", "gzip", "deflate", "base64 of zlib", "base64 with newline"],
)
def test_one_event_of_an_old_client_becomes_an_envelope(body, encoding):
    assert framing(STORE, body, encoding).envelope_id == EVENT_ID
    envelope = to_envelope(STORE, decode(body, encoding), EVENT_ID)
    assert (envelope.event_id, envelope.items[0].type, envelope.items[0].json()) == (EVENT_ID, "event", EVENT)


def test_an_event_without_an_id_keeps_the_one_the_door_gave_it():
    given_id = framing(STORE, b'{"message":"x"}', "").envelope_id
    assert given_id is not None
    envelope = to_envelope(STORE, b'{"message":"x"}', given_id)
    assert (envelope.event_id, envelope.items[0].json()["event_id"]) == (given_id, given_id)


def test_bad_utf8_in_one_event_costs_letters_not_the_report():
    assert to_envelope(STORE, b'{"message":"caf\xe9"}').items[0].json()["message"] == "caf\ufffd"


@pytest.mark.parametrize("depth", [900, *range(940, 1000, 3), 100_000])
def test_one_event_of_any_depth_is_kept(depth):
    body = b'{"message":"x","extra":' + b"[" * depth + b"]" * depth + b"}"
    envelope = to_envelope(STORE, body, framing(STORE, body, "").envelope_id)
    assert b'"message":"x"' in envelope.items[0].payload


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (b"", ("encoding_truncated", 400)),
        (b"[1]", ("not_an_event", 400)),
        (b"{broken", ("not_an_event", 400)),
        (b"no base64 at all!", ("not_an_event", 400)),
        (base64.b64encode(b"not zlib at all"), ("encoding_broken", 400)),
        (base64.b64encode(zlib.compress(b'"text"')), ("not_an_event", 400)),
        (b'{"m":"' + b"x" * 60 + b'"}', ("item_too_large", 413)),
        (b'{"a":' + b"[" * 100_000, ("not_an_event", 400)),
    ],
)
def test_what_is_no_event_is_refused_with_its_reason(body, answer):
    limits = BodyLimits() if len(body) > 1000 else SMALL
    assert refusal(STORE, body, limits=limits) == answer


def test_the_processor_reads_the_same_envelope_that_the_door_let_in():
    body = gzip.compress(envelope_bytes())
    envelope = to_envelope(ENVELOPE, decode(body, "gzip"), EVENT_ID)
    assert (envelope.event_id, [item.type for item in envelope.items]) == (EVENT_ID, ["event"])


def test_the_processor_refuses_with_the_same_reason():
    with pytest.raises(RefusedBody, match="item_truncated"):
        to_envelope(ENVELOPE, b'{}\n{"type":"event","length":9}\nshort')


@given(st.binary(max_size=200), st.sampled_from([ENVELOPE, STORE]), st.sampled_from(["", "gzip", "deflate", "br"]))
def test_whatever_comes_is_framed_or_refused(body, route, encoding):
    with suppress(RefusedBody):
        framing(route, body, encoding)


@given(st.binary(max_size=200))
def test_what_the_door_lets_in_the_processor_can_read(tail):
    body = b'{"event_id":"%s"}\n' % EVENT_ID.encode() + tail
    try:
        framing(ENVELOPE, body, "")
    except RefusedBody:
        return
    assert to_envelope(ENVELOPE, body).event_id == EVENT_ID

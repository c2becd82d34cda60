"""Bodies to envelopes: framing at the door, the legacy forms of one event, and what is refused with which reason."""

import base64
import gzip
import json
import tracemalloc
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crashdesk.protocol.envelope import EnvelopeLimits
from crashdesk.protocol.items import ITEM_TYPES
from crashdesk.server.intake.encodings import RefusedBody
from crashdesk.server.intake.incoming import Incoming
from crashdesk.server.intake.reading import (
    ENVELOPE,
    LIMITS,
    MINIDUMP,
    SECURITY,
    STORE,
    BodyLimits,
    Framing,
    Source,
    decode,
    framing,
    framing_of,
    source_of,
    to_envelope,
)
from support.intakes import EVENT_ID, envelope_bytes, new_intake

EVENT = {"event_id": EVENT_ID, "message": "hello"}
STORED = json.dumps(EVENT).encode()
SMALL = BodyLimits(envelope=EnvelopeLimits(items=2), store_bytes=50, item_bytes={"event": 20})


def refusal(route: str, body: bytes, encoding: str = "", limits: BodyLimits = SMALL) -> tuple[str, int]:
    with pytest.raises(RefusedBody) as caught:
        framing(route, body, encoding, limits)
    return caught.value.reason, caught.value.status


def test_the_door_learns_the_id_and_the_dsn_of_an_envelope():
    body = envelope_bytes(dsn="http://k@h/1")
    assert framing(ENVELOPE, gzip.compress(body), "gzip") == Framing(EVENT_ID, "http://k@h/1", {"event": 1})


def test_an_item_may_be_as_large_as_the_table_of_item_types_says():
    for row in (row for row in ITEM_TYPES if row.kept and row.max_bytes <= 5_000_000):
        body = b'{}\n{"type":"%s"}\n' % row.name.encode() + b"x" * (row.max_bytes + 1)
        assert refusal(ENVELOPE, body, limits=BodyLimits()) == ("item_too_large", 413), row.name
        assert framing(ENVELOPE, body[:-1], "").counts == {row.name: 1}


def test_what_is_not_kept_is_not_refused_for_the_size_of_its_kind():
    assert framing(ENVELOPE, b'{}\n{"type":"check_in"}\n' + b"x" * 200_000, "").counts == {"check_in": 1}


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
    assert framing(ENVELOPE, b'{}\n{"type":"from_the_future","length":3}\n\x00\xff\x01\n', "").counts == {"unknown": 1}


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


def test_the_door_counts_items_by_type_and_batches_by_what_they_hold():
    body = b'{}\n{"type":"event"}\n{}\n{"type":"attachment","length":1}\nx\n{"type":"attachment","length":0}\n\n'
    body += b'{"type":"span","item_count":7}\n{}\n'
    assert framing(ENVELOPE, body, "").counts == {"event": 1, "attachment": 2, "span": 7}


def test_a_body_reads_the_same_in_whatever_chunks_it_comes():
    packed = gzip.compress(envelope_bytes(dsn="http://k@h/1"))
    for size in (1, 2, 7, 100):
        chunks = [packed[start : start + size] for start in range(0, len(packed), size)]
        found = framing_of(ENVELOPE, Source(chunks, len(packed), "gzip"))
        assert found == Framing(EVENT_ID, "http://k@h/1", {"event": 1})


FORM = 'multipart/form-data; boundary="b"'
DUMP = (
    b'--b\r\nContent-Disposition: form-data; name="guid"\r\n\r\n1\r\n'
    b'--b\r\nContent-Disposition: form-data; name="upload_file_minidump"; filename="d.dmp"\r\n\r\nMDMP\r\n'
    b'--b\r\nContent-Disposition: form-data; name="__sentry-event"; filename="__sentry-event"\r\n\r\n\x80\r\n'
    b"--b--\r\n"
)


def test_a_native_crash_counts_as_an_event_and_its_files():
    found = framing_of(MINIDUMP, Source((DUMP,), len(DUMP), "", FORM))
    assert found.counts == {"event": 1, "attachment": 1}
    assert found.envelope_id is not None


@pytest.mark.parametrize(
    ("body", "encoding", "content_type"),
    [
        (DUMP[:-9], "", FORM),
        (DUMP, "", "text/plain"),
        (DUMP, "", "multipart/form-data; boundary=" + "b" * 300),
        (b"MDMP", "", FORM),
        (DUMP, "gzip", FORM),
        (DUMP, "lzma", FORM),
        (b"", "", FORM),
    ],
)
def test_a_native_crash_that_is_broken_is_a_crash_all_the_same(body, encoding, content_type):
    assert framing_of(MINIDUMP, Source((body,), len(body), encoding, content_type)).counts == {"event": 1}


@pytest.mark.parametrize(
    ("body", "counts"),
    [
        (b'{"csp-report":{"document-uri":"http://x"}}', {"security": 1}),
        (b'[{"type":"csp-violation","body":{}},{"type":"network-error"},7]', {"security": 1, "nel": 1}),
        (b'{"expect-ct-report":{"a":NaN}}', {"security": 1}),
    ],
)
def test_reports_of_browsers_are_counted_in_every_form(body, counts):
    assert framing(SECURITY, body, "").counts == counts


@pytest.mark.parametrize("body", [b"", b"[]", b"7", b"rubbish", b"[1,2]"])
def test_what_no_browser_reports_is_refused(body):
    assert refusal(SECURITY, body) == ("not_a_security_report", 400)


def test_a_row_reads_the_same_from_memory_and_from_its_file(tmp_path):
    incoming, packed = Incoming(tmp_path), gzip.compress(envelope_bytes())
    writer = incoming.create()
    writer.write(packed)
    writer.finish()
    large = new_intake(b"", encoding="gzip", body_file=writer.name)
    small = new_intake(packed, encoding="gzip")
    assert _decoded(large, incoming) == _decoded(small, incoming) == envelope_bytes()


def _decoded(row, incoming):
    return b"".join(source_of(row, incoming).pieces(LIMITS.of(row.route)))


def test_one_event_of_very_many_values_takes_little_memory_and_keeps_the_first():
    body = b'{"message":"x","extra":[' + b"[]," * 1_600_000 + b"1]}"
    tracemalloc.start()
    envelope = to_envelope(STORE, body, EVENT_ID)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert envelope.items[0].json()["message"] == "x"
    assert peak < 60_000_000


def test_a_report_of_a_browser_has_an_end():
    assert refusal(SECURITY, b'{"a":"' + b"x" * 1_000_000 + b'"}') == ("item_too_large", 413)

"""The short reading of small envelopes: never other than the parser's, and never where the parser would refuse."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crashdesk import clock
from crashdesk.server.intake.encodings import RefusedBody
from crashdesk.server.intake.reading import ENVELOPE, LIMITS, Framing, Source, framing_at_once, framing_of
from crashdesk.server.intake.small import frame_of_small
from support import samples
from support.intakes import envelope_bytes


def by_parser(body: bytes) -> Framing | str:
    """Return what the parser says: in pieces of a byte nothing is small."""
    chunks = [body[start : start + 1] for start in range(len(body))]
    try:
        return framing_of(ENVELOPE, Source(chunks, len(body), ""))
    except RefusedBody as error:
        return error.reason


def at_once(body: bytes) -> Framing | str:
    source = Source((body,), len(body), "")
    try:
        return framing_at_once(ENVELOPE, source) or framing_of(ENVELOPE, source)
    except RefusedBody as error:
        return error.reason


def is_small(body: bytes) -> bool:
    return frame_of_small(body, LIMITS.item_bytes, LIMITS.envelope.items) is not None


@pytest.mark.parametrize("sample", samples.ENVELOPES, ids=lambda sample: sample.facts["file"])
def test_what_real_clients_send_reads_as_the_parser_reads_it(sample):
    body = sample.unpacked[:60_000]
    assert at_once(body) == by_parser(body)


def test_the_usual_report_takes_the_short_reading():
    assert is_small(envelope_bytes())
    assert is_small(b'{}\n\n{"type":"attachment","length":3}\n\x00\n\xff')


LINES = (
    [b"{}", b'{"event_id":"%s"}' % (b"0" * 32), b'{"type":"event"}', b'{"type":"event","length":2}', b"", b" ", b"x",
     b'{"type":"log","item_count":3}', b'{"type":7}', b'{"type":"event","length":-1}', b'{"type":"event","length":1e3}',
     b'{"type":"span","item_count":18446744073709551616}', b'{"type":"","length":0}', b'{"dsn":"http://k@h/1"}',
     b'{"type":"a","length":true}', b"[]", b'{"a":NaN}', b'{"type":"event"}\r', b'{"exception":1}', b"\xff"]
)  # fmt: skip


@pytest.mark.parametrize("first", LINES)
def test_every_line_behind_every_other_reads_as_the_parser_reads_it(first):
    for second in LINES:
        for body in (
            b"{}\n%s\n%s" % (first, second),
            b"%s\n%s\n" % (first, second),
            b"{}\n%s\n{}\n%s\n" % (first, second),
        ):
            assert at_once(body) == by_parser(body), body


@given(st.lists(st.sampled_from(LINES), max_size=8), st.booleans())
def test_whatever_comes_both_readings_say_the_same(lines, ends_with_newline):
    body = b"\n".join(lines) + b"\n" * ends_with_newline
    assert at_once(body) == by_parser(body)


def test_an_item_above_the_limit_of_its_kind_is_left_to_the_parser():
    assert not is_small(b'{}\n{"type":"check_in"}\n' + b"x" * 200_000) or "check_in" not in LIMITS.item_bytes
    assert at_once(b'{}\n{"type":"event","length":9}\nx') == "item_truncated"


def test_endless_empty_lines_cost_no_time():
    body = b"{}\n" + b"\n" * 60_000 + b'{"type":"event"}\n{}'
    started = clock.monotonic()
    for _ in range(20):
        assert at_once(body).counts == {"event": 1}
    assert clock.monotonic() - started < 1
    assert by_parser(body).counts == {"event": 1}
    assert at_once(b"{}\n" + b"\n" * 70_000) == by_parser(b"{}\n" + b"\n" * 70_000) == "header_too_large"

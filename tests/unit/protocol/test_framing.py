"""The push parser: the same parts however the bytes are cut, and little held at a time."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crashdesk.protocol.envelope import Envelope, EnvelopeError, EnvelopeParser, ItemData, ItemEnd, ItemStart

DATA = (
    b'{"event_id":null}\n{"type":"a"}\nfirst\n\n{"type":"b","length":5}\nse\nco\n'
    b'{"type":"c","length":0}\n\n{"type":"d"}\nx'
)


def items_of(chunks):
    parser = EnvelopeParser()
    items = []
    for chunk in [*chunks, None]:
        for part in parser.close() if chunk is None else parser.feed(chunk):
            if isinstance(part, ItemStart):
                items.append([part.headers["type"], b""])
            elif isinstance(part, ItemData):
                items[-1][1] += part.data
    return items


@given(st.lists(st.integers(0, len(DATA)), max_size=12))
def test_parts_do_not_depend_on_how_the_bytes_are_cut(cuts):
    places = [0, *sorted(cuts), len(DATA)]
    chunks = [DATA[start:end] for start, end in pairwise(places)]
    assert items_of(chunks) == [["a", b"first"], ["b", b"se\nco"], ["c", b""], ["d", b"x"]]


def test_byte_by_byte_is_the_same():
    assert items_of([bytes([byte]) for byte in DATA]) == items_of([DATA])


def test_payload_passes_through_at_once():
    parser = EnvelopeParser()
    list(parser.feed(b'{}\n{"type":"x","length":1000}\n'))
    assert list(parser.feed(b"a" * 600)) == [ItemData(b"a" * 600)]
    assert list(parser.feed(b"b" * 400)) == [ItemData(b"b" * 400)]
    assert list(parser.close()) == [ItemEnd(b"")]


def test_an_early_end_is_noticed_at_close():
    parser = EnvelopeParser()
    list(parser.feed(b'{}\n{"type":"x","length":10}\nabc'))
    with pytest.raises(EnvelopeError) as refused:
        list(parser.close())
    assert refused.value.reason == "item_truncated"


@given(st.binary(max_size=300), st.integers(1, 50))
def test_cut_or_whole_the_verdict_is_the_same(data, size):
    def verdict(chunks):
        try:
            return items_of(chunks)
        except EnvelopeError as error:
            return error.reason

    assert verdict([data[start : start + size] for start in range(0, len(data), size)]) == verdict([data])


def test_twenty_megabytes_of_empty_lines_cost_little():
    with pytest.raises(EnvelopeError):
        Envelope.parse(b"{}" + b"\n" * 20_000_000)

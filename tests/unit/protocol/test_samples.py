"""Envelopes as real clients send them are read and written again; everything else is refused by name."""

import pytest

from crashdesk.protocol.envelope import REASONS, Envelope, EnvelopeError
from support import samples


def named(sample):
    return sample.name


def test_all_recorded_requests_are_here():
    assert (len(samples.ENVELOPES), len(samples.OTHERS)) == (17, 8)


@pytest.mark.parametrize("sample", samples.ENVELOPES, ids=named)
def test_an_envelope_is_read_as_it_was_sent(sample):
    envelope = Envelope.parse(sample.unpacked)
    assert [item.type for item in envelope.items] == [facts["type"] for facts in sample.facts["items"]]
    assert [item.headers.get("filename") for item in envelope.items] == [
        facts.get("filename") for facts in sample.facts["items"]
    ]
    assert sorted(envelope.headers) == sorted(sample.facts["envelope_header_keys"])


@pytest.mark.parametrize("sample", samples.ENVELOPES, ids=named)
def test_an_unchanged_envelope_is_written_with_its_own_bytes(sample):
    envelope = Envelope.parse(sample.unpacked)
    written = envelope.to_bytes()
    assert written == sample.unpacked
    assert Envelope.parse(written) == envelope


@pytest.mark.parametrize("sample", samples.ENVELOPES, ids=named)
def test_a_changed_header_leaves_the_items_as_they_were(sample):
    envelope = Envelope.parse(sample.unpacked)
    envelope.headers["sent_at"] = "2026-11-25T12:00:00Z"
    written = envelope.to_bytes()
    assert written.partition(b"\n")[2] == sample.unpacked.partition(b"\n")[2]
    assert Envelope.parse(written).headers["sent_at"] == "2026-11-25T12:00:00Z"


@pytest.mark.parametrize("sample", samples.OTHERS, ids=named)
def test_what_is_no_envelope_is_refused_with_a_named_reason(sample):
    with pytest.raises(EnvelopeError) as refused:
        Envelope.parse(sample.unpacked)
    assert refused.value.reason == "not_an_envelope"
    assert str(refused.value) == REASONS["not_an_envelope"]

import json
from datetime import UTC, datetime

import pytest

from crashdesk.agent.stamping import UnreadableEnvelopeError, stamp

NOW = datetime(2026, 11, 25, 12, 30, 0, 123456, tzinfo=UTC)
ITEMS = b'{"type":"attachment","length":3}\n\x00\xff\n\n'


def test_only_the_time_of_sending_is_added():
    stamped, event_id = stamp(b'{"event_id":"' + b"a" * 32 + b'","sdk":{"name":"x"}}\n' + ITEMS, NOW)
    line, _, items = stamped.partition(b"\n")
    assert json.loads(line) == {"event_id": "a" * 32, "sdk": {"name": "x"}, "sent_at": "2026-11-25T12:30:00.123Z"}
    assert items == ITEMS
    assert event_id == "a" * 32


def test_an_old_time_of_sending_is_replaced():
    stamped, _ = stamp(b'{"sent_at":"2020-01-01T00:00:00Z"}\n', NOW)
    assert json.loads(stamped)["sent_at"] == "2026-11-25T12:30:00.123Z"


def test_an_envelope_without_an_id_has_none():
    assert stamp(b"{}", NOW)[1] is None


@pytest.mark.parametrize("broken", [b"", b"[]\n", b"\xff\xfe\n", b"{not json}\n" + ITEMS])
def test_what_is_no_envelope_is_told_apart(broken):
    with pytest.raises(UnreadableEnvelopeError):
        stamp(broken, NOW)

import os

import pytest

from crashdesk.errors import UsageError
from crashdesk.protocol.envelope import Item
from crashdesk.server.events import queries as events
from crashdesk.server.events import services as event_services
from crashdesk.server.events.models import KeptItem
from crashdesk.server.issues.models import Issue
from crashdesk.server.outcomes import queries as outcomes
from crashdesk.server.projects import queries as projects
from crashdesk.server.projects import services
from support.reports import an_envelope


@pytest.fixture
def keeping(intake):
    """Let the project keep transactions and logs."""
    services.keep_items(projects.project_with_slug("fieldbook"), ["transaction", "log"])
    return intake


def account(intake):
    return {row.category: (row.received, row.stored, row.dropped) for row in outcomes.account([intake.project_id])}


def test_what_a_project_chose_is_kept_as_it_came(keeping):
    item = Item.from_json("transaction", {"transaction": "open"})
    envelope = an_envelope(item, Item.from_json("profile", {}))
    keeping.process(envelope)
    (kept,) = events.kept_items([keeping.project_id])
    assert (kept.item_type, kept.envelope_id.hex, kept.size_bytes) == (
        "transaction",
        envelope.event_id,
        len(item.payload),
    )
    assert b"".join(events.kept_pieces(kept)) == item.payload
    assert account(keeping) == {"profile": (1, 0, {"not_kept": 1}), "transaction": (1, 1, {})}
    assert Issue.objects.count() == 0


def test_a_repeat_is_kept_once(keeping):
    envelope = an_envelope(Item.from_json("log", {}, item_count=30))
    keeping.process(envelope, envelope)
    assert (KeptItem.objects.count(), account(keeping)) == (1, {"log_item": (60, 30, {"duplicate": 30})})


def test_the_oldest_make_room(keeping, monkeypatch):
    monkeypatch.setattr(event_services, "KEPT_COUNT", 2)
    for number in range(4):
        keeping.process(an_envelope(Item.from_json("log", {"number": number})))
    kept = [b"".join(events.kept_pieces(row)) for row in events.kept_items([keeping.project_id])]
    assert kept == [b'{"number":3}', b'{"number":2}']


def test_few_bytes_hold_few_items(keeping, monkeypatch):
    monkeypatch.setattr(event_services, "KEPT_BYTES", 25)
    keeping.process(*[an_envelope(Item.from_json("log", {"number": number})) for number in range(4)])
    assert KeptItem.objects.count() == 2


def test_a_large_one_goes_into_a_blob_of_its_own(keeping):
    content = os.urandom(1_500_000).hex().encode()
    keeping.process(an_envelope(Item({"type": "transaction"}, content)))
    (kept,) = events.kept_items([keeping.project_id])
    assert b"".join(events.kept_pieces(kept)) == content


def test_another_project_sees_none_of_it(keeping):
    keeping.process(an_envelope(Item.from_json("log", {})))
    (kept,) = events.kept_items([keeping.project_id])
    assert events.kept_item([keeping.project_id], kept.id) == kept
    assert events.kept_item([keeping.project_id + 1], kept.id) is None


def test_only_optional_kinds_can_be_chosen(keeping):
    with pytest.raises(UsageError, match="event is no kind of item to choose"):
        services.keep_items(projects.project_with_slug("fieldbook"), ["event"])

import json
import zlib

import pytest

from crashdesk.protocol.envelope import Item
from crashdesk.protocol.feedback import Feedback
from crashdesk.server.intake.reading import STORE
from crashdesk.server.outcomes.services import RECEIVED
from crashdesk.server.processor.preparing import failed, prepare
from support.events import event
from support.reports import a_row, an_envelope, event_item

OWN, OTHER = "a" * 32, "b" * 32


def counted(prepared):
    """Return what became of items by now: neither that they came, nor what depends on what is stored already."""
    entries = [*prepared.counted, *prepared.once, *prepared.discards]
    return [(one.category, str(one.outcome), one.reason, one.quantity) for one in entries if one.outcome != RECEIVED]


def received(prepared):
    return {one.category: one.quantity for one in prepared.counted if one.outcome == RECEIVED}


def feedback_item(feedback_id=OTHER, **more):
    return Feedback(feedback_id, "slow", **more).to_item()


def test_the_envelopes_id_wins_over_the_events():
    (draft,) = prepare(a_row(an_envelope(event_item(event(event_id=OTHER)), event_id=OWN))).drafts
    assert (draft.id, json.loads(draft.body)["event_id"]) == (OWN, OWN)


def test_an_event_without_any_id_gets_a_fresh_one():
    body = b'{}\n{"type":"event"}\n{"level":"error"}\n'
    (draft,) = prepare(a_row(body)).drafts
    assert len(draft.id) == 32


def test_words_beside_an_event_keep_their_own_id_and_are_tied_to_it():
    envelope = an_envelope(event_item(event()), feedback_item(), event_id=OWN)
    words = prepare(a_row(envelope)).drafts[1].words
    assert (words.feedback_id, words.associated_event_id) == (OTHER, OWN)


def test_words_alone_have_the_envelopes_id():
    (draft,) = prepare(a_row(an_envelope(feedback_item(), event_id=OWN))).drafts
    assert (draft.words.feedback_id, draft.words.associated_event_id) == (OWN, None)


def test_the_older_form_of_feedback_names_its_event():
    item = Item.from_json("user_report", {"event_id": OTHER, "comments": "it broke", "name": "Anna"})
    (draft,) = prepare(a_row(an_envelope(item, event_id=OTHER))).drafts
    assert (draft.words.message, draft.words.associated_event_id) == ("it broke", OTHER)
    assert draft.words.feedback_id not in {OTHER, ""}


def test_a_file_belongs_to_the_envelopes_event():
    item = Item.attachment("log.txt", b"text", "text/plain")
    (file,) = prepare(a_row(an_envelope(item, event_id=OWN))).files
    assert (file.event_id, file.name, file.content_type) == (OWN, "log.txt", "text/plain")
    assert (file.content.data, file.content.size, file.content.sha256[:8]) == (b"text", 4, "982d9e3e")


def test_a_files_name_is_only_ever_text_on_one_line():
    item = Item({"type": "attachment", "filename": "../../etc/\r\npass\0wd\u202e" + "x" * 400, "content_type": 7}, b"")
    (file,) = prepare(a_row(an_envelope(item, event_id=OWN))).files
    assert file.name.startswith("../../etc/")
    assert file.name.isprintable()
    assert len(file.name) == 255


def test_a_file_of_nothing_is_counted_as_such():
    body = b'{}\n{"type":"attachment","length":1}\nx\n'
    prepared = prepare(a_row(body))
    assert (prepared.files, counted(prepared)) == ([], [("attachment", "invalid", "no_event", 1)])


def test_items_that_are_not_kept_are_counted_by_their_kind():
    items = [Item.from_json("check_in", {}), Item.from_json("log", {}, item_count=30), Item.from_json("novel", {})]
    assert counted(prepare(a_row(an_envelope(*items)))) == [
        ("monitor", "filtered", "not_kept", 1),
        ("log_item", "filtered", "not_kept", 30),
        ("default", "filtered", "not_kept", 1),
    ]


def test_what_a_client_threw_away_is_counted():
    discarded = [
        {"reason": "network_error", "category": "error", "quantity": 3},
        {"reason": "backpressure", "category": "error", "quantity": 10**12},
    ]
    item = Item.from_json("client_report", {"discarded_events": discarded})
    assert counted(prepare(a_row(an_envelope(item)))) == [
        ("internal", "accepted", "", 1),
        ("error", "client_discard", "network_error", 3),
        ("error", "client_discard", "backpressure", 1_000_000),
    ]


def test_words_that_a_client_makes_up_become_no_rows_of_their_own():
    discarded = [{"reason": f"a{number}", "category": f"b{number}", "quantity": 1} for number in range(3)]
    prepared = prepare(a_row(an_envelope(Item.from_json("client_report", {"discarded_events": discarded}))))
    assert {(row.category, row.reason) for row in prepared.discards} == {("default", "other")}


def test_one_envelope_tells_a_bounded_number_of_losses():
    discarded = [{"reason": "network_error", "category": "error", "quantity": 1}] * 900
    item = Item.from_json("client_report", {"discarded_events": discarded})
    prepared = prepare(a_row(an_envelope(*[item] * 5)))
    assert len(prepared.discards) == 1800
    assert [(row.outcome, row.reason) for row in prepared.once][2:] == [("invalid", "too_many")] * 3


def test_an_unreadable_item_does_not_cost_its_neighbours():
    envelope = an_envelope(Item({"type": "event"}, b"nonsense"), event_item(event()), event_id=OWN)
    prepared = prepare(a_row(envelope))
    assert [draft.id for draft in prepared.drafts] == [OWN]
    assert [(found.reason, found.content.data) for found in prepared.failures] == [("not_readable", b"nonsense")]
    assert counted(prepared) == [("error", "invalid", "not_readable", 1)]


def test_an_unreadable_client_report_is_counted():
    envelope = an_envelope(Item({"type": "client_report"}, b"nonsense"))
    assert counted(prepare(a_row(envelope))) == [("internal", "invalid", "not_readable", 1)]


def test_an_item_whose_essential_rule_fails_is_set_aside(monkeypatch, expected_logs):
    def broken(_):
        raise RuntimeError("text of the report")

    expected_logs("could not be processed: RuntimeError")
    monkeypatch.setattr("crashdesk.server.processor.drafting.process", broken)
    (failure,) = prepare(a_row(an_envelope(event_item(event())))).failures
    assert failure.reason == "RuntimeError"


@pytest.mark.parametrize("body", [b"", b"nonsense", b"{}\nnonsense"])
def test_an_unreadable_report_is_kept_as_it_came(body):
    prepared = prepare(a_row(body))
    assert prepared.drafts == []
    assert prepared.failures[0].content.data == body


def test_a_packed_body_is_unpacked_and_a_failed_one_kept_packed():
    packed = zlib.compress(an_envelope(event_item(event())).to_bytes())
    assert len(prepare(a_row(packed, encoding="deflate")).drafts) == 1
    assert prepare(a_row(packed[:-8], encoding="deflate")).failures[0].content.data == packed[:-8]


def test_an_event_of_an_old_client_is_read():
    row = a_row(json.dumps({"message": "old", "event_id": OWN}).encode(), route=STORE, envelope_id=OWN)
    (draft,) = prepare(row).drafts
    assert (draft.id, draft.value) == (OWN, "old")


def test_the_time_at_which_it_was_sent_corrects_the_devices_clock():
    envelope = an_envelope(event_item(event(timestamp="2026-03-01T10:00:00Z")), sent_at="2026-03-01T12:30:00Z")
    (draft,) = prepare(a_row(envelope)).drafts
    assert draft.happened_at.isoformat() == "2026-03-02T10:00:00+00:00"


def test_the_digest_for_a_later_withdrawal_is_kept():
    (draft,) = prepare(a_row(an_envelope(feedback_item(), withdrawal_digest="d" * 64))).drafts
    assert json.loads(draft.body)["_crashdesk"]["withdrawal_digest"] == "d" * 64
    (other,) = prepare(a_row(an_envelope(feedback_item(), withdrawal_digest="<script>"))).drafts
    assert "withdrawal_digest" not in json.loads(other.body)["_crashdesk"]


def test_a_row_that_failed_as_a_whole_keeps_its_bytes_and_the_class_of_the_error():
    prepared = failed(a_row(b"raw"), ValueError("secret text"))
    assert [(found.reason, found.content.data) for found in prepared.failures] == [("ValueError", b"raw")]
    assert counted(prepared) == [("default", "invalid", "not_processed", 1)]

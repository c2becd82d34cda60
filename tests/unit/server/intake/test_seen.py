"""The door's note of what a body holds, written and read."""

import pytest

from crashdesk.protocol.items import ITEM_TYPES
from crashdesk.server.intake.seen import Seen, known, limited_names, read, write


def test_what_is_written_reads_the_same():
    counts = {"event": 1, "attachment": 3, "unknown": 2}
    assert write(counts) == "event=1 attachment=3 unknown=2"
    assert {entry.name: entry.quantity for entry in read(write(counts))} == counts


def test_items_over_a_limit_are_marked_with_the_reason_by_their_category():
    text = write({"event": 1, "session": 2}, {"error": "key_rate"})
    assert text == "event=1!key_rate session=2"
    assert read(text) == [Seen("event", 1, "key_rate"), Seen("session", 2)]
    assert limited_names(read(text)) == {"event": "key_rate"}


@pytest.mark.parametrize("odd", ["", "event", "event=x", "=3", "nonsense=1", "event=-1"])
def test_words_of_others_are_passed_over(odd):
    assert read(odd) == []


def test_every_type_is_known_by_its_name_and_any_other_as_unknown():
    assert all(known(row.name) == row.name for row in ITEM_TYPES)
    assert known("from the future=1!x") == "unknown"

"""The table of item types."""

from crashdesk.protocol.items import ITEM_TYPES, MOST_QUANTITY, OPTIONAL, UNKNOWN, is_kept, item_type, quantity
from support import samples


def test_every_type_stands_once_with_a_description():
    assert len({row.name for row in ITEM_TYPES}) == len(ITEM_TYPES)
    assert all(row.description.endswith(".") and row.max_bytes > 0 and row.category for row in ITEM_TYPES)


def test_every_type_that_real_clients_sent_is_known():
    sent = {item["type"] for sample in samples.ENVELOPES for item in sample.facts["items"]}
    assert sent <= {row.name for row in ITEM_TYPES}


def test_reports_are_kept_and_performance_data_is_not():
    assert all(item_type(name).kept for name in ("event", "feedback", "user_report", "attachment", "client_report"))
    assert not any(item_type(name).kept for name in ("transaction", "span", "replay_recording", "log"))


def test_what_is_optional_is_kept_as_the_project_says():
    assert (is_kept("security"), is_kept("transaction")) == (True, False)
    assert (is_kept("security", {"transaction"}), is_kept("transaction", {"transaction"})) == (False, True)
    assert is_kept("event", ())
    assert not is_kept("hologram", {"hologram"})
    assert {"replay_video", "log", "check_in", "statsd", "profile"} <= set(OPTIONAL)


def test_an_unknown_type_has_a_row_of_its_own():
    assert item_type("hologram") is UNKNOWN
    assert not UNKNOWN.kept


def test_a_batch_that_nobody_keeps_counts_as_what_it_claims_to_hold():
    assert quantity("span", {"item_count": 50}) == 50
    assert quantity("span", {"item_count": 10**12}) == MOST_QUANTITY
    assert [quantity("log", {"item_count": odd}) for odd in (-5, True, "7", None)] == [1, 1, 1, 1]
    assert quantity("event", {"item_count": 50}) == 1

import pytest

from crashdesk.agent.ui.feedback_report import (
    MAX_DRAFT_FILE_BYTES,
    FeedbackDraft,
    File,
    Opening,
    build,
    draft_from_json,
    draft_to_json,
    opening,
)
from crashdesk.protocol.feedback import Feedback

AT = Opening(
    "", "Fieldbook", "fieldbook@2.4.0", "beta", {"os": {"name": "Debian"}}, {"plan": "free"}, event_id="b" * 32
)
ID = "e" * 32
FILES = (File("a.txt", b"abc", "text/plain"),)
DRAFT = FeedbackDraft("problem", "words", "fully", "mia@example.org", True, FILES, frozenset({"computer"}))


def test_words_and_facts_travel_in_an_envelope_of_their_own() -> None:
    sent = build(DRAFT, AT, ID)
    payload = sent.items[0].json()
    feedback = Feedback.from_event(payload)
    assert (sent.event_id, feedback.message, feedback.severity) == (ID, "words", "fully")
    assert feedback.associated_event_id == "b" * 32
    assert (payload["release"], payload["environment"], payload["contexts"]["os"]) == (
        "fieldbook@2.4.0",
        "beta",
        {"name": "Debian"},
    )


def test_files_travel_as_attachments() -> None:
    item = build(DRAFT, AT, ID).items[1]
    assert (item.headers["filename"], item.payload) == ("a.txt", b"abc")


def test_facts_stay_at_home_when_they_are_not_wanted() -> None:
    payload = build(FeedbackDraft("problem", "words", includes_snapshot=False), AT, ID).items[0].json()
    assert set(payload["contexts"]) == {"feedback"}
    assert "tags" not in payload


def test_only_a_problem_has_a_severity() -> None:
    sent = build(FeedbackDraft("praise", "nice", "fully"), AT, ID)
    assert Feedback.from_event(sent.items[0].json()).severity is None


def test_draft_comes_back_as_it_was() -> None:
    assert draft_from_json(draft_to_json(DRAFT)) == DRAFT


def test_draft_leaves_out_files_that_are_large_together() -> None:
    large = FeedbackDraft("problem", "words", files=(File("a", b"x" * (MAX_DRAFT_FILE_BYTES + 1)),))
    assert draft_to_json(large)["files"] == []


@pytest.mark.parametrize("odd", [None, "text", 3, []])
def test_odd_draft_is_none(odd: object) -> None:
    assert draft_from_json(odd) is None


def test_odd_values_in_a_draft_count_as_not_entered() -> None:
    odd = {"kind": "rage", "words": None, "severity": 3, "files": [["a", "b"], ["n", "t", "!"], "x"]}
    assert draft_from_json(odd) == FeedbackDraft()


def test_notice_of_the_product_is_read() -> None:
    payload = {"dsn": "d", "product": "P", "release": "r", "contexts": {"os": {}}, "kind": "idea", "message": "m"}
    assert opening(payload, "Fieldbook", "") == Opening("d", "P", "r", contexts={"os": {}}, kind="idea", words="m")


def test_empty_notice_has_defaults() -> None:
    assert opening({"contexts": 3, "tags": [], "kind": "rage"}, "Fieldbook", "dsn") == Opening("dsn", "Fieldbook")

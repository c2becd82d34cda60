import pytest

from crashdesk.server.events.bodies import OWN_KEY
from crashdesk.server.processor.draft import FEEDBACK, USER_REPORT
from crashdesk.server.processor.pipeline import RULES, Rule, process
from support.drafts import a_draft
from support.events import event, raised


def broken(_):
    raise ValueError("text of the report")


def test_an_event_comes_out_grouped_and_described():
    draft = process(a_draft(event(raised("KeyError"))))
    assert (draft.type, draft.level, draft.release) == ("KeyError", "error", "fieldbook@2.4.0")
    assert draft.fingerprint is not None
    assert draft.payload[OWN_KEY]["grouping"]["key"] == draft.fingerprint.key
    assert draft.payload[OWN_KEY]["grouping"]["parts"][0] == ["kind", "error", ""]


def test_a_failing_rule_is_noted_by_its_class_only_and_the_rest_go_on(expected_logs):
    expected_logs("Rule broken failed: ValueError")
    draft = process(a_draft(event()), (Rule("broken", "Fails.", broken), *RULES))
    assert draft.payload[OWN_KEY]["notes"] == [{"rule": "broken", "problem": "ValueError"}]
    assert draft.type == "KeyError"


def test_a_failing_essential_rule_stops_the_report():
    with pytest.raises(ValueError, match="report"):
        process(a_draft(event()), (Rule("scrub", "Fails.", broken, is_essential=True),))


def test_feedback_is_read_in_both_forms():
    newer = process(a_draft({"contexts": {"feedback": {"message": "slow", "kind": "idea"}}}, item=FEEDBACK))
    older = process(a_draft({"comments": "it broke", "email": "a@example.org"}, item=USER_REPORT))
    assert newer.words is not None
    assert older.words is not None
    assert (newer.words.message, newer.words.kind) == ("slow", "idea")
    assert (older.words.message, older.words.contact_email) == ("it broke", "a@example.org")
    assert newer.fingerprint is older.fingerprint is None


def test_a_client_cannot_forge_what_the_processor_says():
    draft = process(a_draft(event(**{OWN_KEY: {"notes": ["forged"]}})))
    assert draft.payload[OWN_KEY]["notes"] == []


def test_each_rule_has_a_name_of_its_own_and_a_description():
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert all(rule.description.endswith(".") for rule in RULES)

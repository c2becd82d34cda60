"""A user's words: built by us, read as we and other clients send them."""

from crashdesk.protocol.envelope import Envelope
from crashdesk.protocol.feedback import FEEDBACK_KINDS, SEVERITIES, Feedback
from support import samples

ID, EVENT = "a" * 32, "b" * 32


def test_what_is_built_is_read_back():
    words = Feedback(
        ID,
        "It hangs.",
        "idea",
        "ada@example.org",
        "Ada",
        EVENT,
        "crash window",
        "fieldbook://x",
        "fully",
        {"how_often": "always"},
    )
    item = words.to_item({"release": "fieldbook@1", "contexts": {"os": {"name": "Linux"}}})
    assert item.type == "feedback"
    assert Feedback.from_event(item.json()) == words
    assert item.json()["release"] == "fieldbook@1"
    assert item.json()["contexts"]["os"] == {"name": "Linux"}


def test_the_item_has_an_id_of_its_own_beside_the_event_it_is_about():
    payload = Feedback(ID, "x", associated_event_id=EVENT).to_item({"event_id": EVENT}).json()
    assert payload["event_id"] == ID
    assert payload["contexts"]["feedback"]["associated_event_id"] == EVENT


def test_recorded_feedback_of_another_client_is_read():
    words = Feedback.from_event(Envelope.parse(samples.sample("15").unpacked).items[0].json())
    assert (words.message, words.name, words.contact_email) == ("The preview is empty.", "A User", "user@example.com")
    assert words.associated_event_id == "d4b10fa54a5c46d88d1deb524381a950"
    assert words.kind == "problem"


def test_a_recorded_report_in_the_older_form_is_read():
    envelope = Envelope.parse(samples.sample("05").unpacked)
    words = Feedback.from_user_report(envelope.items[0].json(), envelope.event_id)
    assert words.message == "I pressed Export and nothing happened."
    assert words.associated_event_id == "4111c214ba724e01a465ea24780ee48d"
    assert words.feedback_id != words.associated_event_id


def test_the_older_form_sent_twice_has_one_id():
    one = Feedback.from_user_report({"event_id": EVENT, "comments": "x"})
    two = Feedback.from_user_report({"comments": "x"}, EVENT)
    other = Feedback.from_user_report({"event_id": EVENT, "comments": "y"})
    assert one.feedback_id == two.feedback_id != other.feedback_id


def test_unknown_kinds_and_severities_read_as_the_usual_ones():
    words = Feedback.from_event({"contexts": {"feedback": {"message": 7, "kind": "rant", "severity": []}}}, ID)
    assert (words.feedback_id, words.message, words.kind, words.severity) == (ID, "7", "problem", None)


def test_odd_payloads_do_not_raise():
    for payload in ({}, {"contexts": []}, {"contexts": {"feedback": "x"}}, {"message": {"a": 1}}):
        assert Feedback.from_event(payload).message == ""
        assert Feedback.from_user_report(payload).message == ""


def test_every_kind_and_severity_is_described():
    assert all(text.endswith(".") for text in (*FEEDBACK_KINDS.values(), *SEVERITIES.values()))

"""What differs between clients (PROTOCOL section 4), each form through all rules: none of them loses what it says."""

from typing import Any

import pytest

from crashdesk.server.processor.payloads import read_object
from crashdesk.server.processor.pipeline import process
from support.drafts import a_draft
from support.events import event, frame, raised

CAUSE, LAST = raised("OSError"), raised("KeyError", "'x'")
FRAMES = {"frames": [frame("fieldbook.app", "main")]}


def processed(**payload: Any):
    return process(a_draft({"platform": "python", **payload}))


@pytest.mark.parametrize(
    "chain",
    [
        {"exception": {"values": [CAUSE, LAST]}},
        {"exception": [CAUSE, LAST]},
        {"exception": LAST},
        {"sentry.interfaces.Exception": {"values": [CAUSE, LAST]}},
        {"sentry.interfaces.Exception": [CAUSE, LAST]},
    ],
)
def test_every_form_of_a_chain_is_named_by_its_last_exception(chain):
    draft = processed(**chain)
    assert (draft.type, draft.value, draft.culprit) == ("KeyError", "'x'", "fieldbook.table in filter_rows")


def test_the_stack_of_a_plain_message_does_not_make_it_an_exception():
    made_up = {"value": "saved", "mechanism": {"synthetic": True}, "stacktrace": FRAMES}
    draft = processed(platform="javascript", message="saved", exception={"values": [made_up]})
    assert (draft.kind, draft.type, draft.value) == ("message", "", "saved")


@pytest.mark.parametrize(
    ("level", "read"),
    [(10, "debug"), (20, "info"), (30, "warning"), (40, "error"), (50, "fatal"), ("30", "warning"), (None, "error")],
)
def test_levels_come_as_words_and_as_numbers(level, read):
    assert processed(level=level, message="x").level == read


@pytest.mark.parametrize(
    "words",
    [
        {"message": "row 7 is gone"},
        {"logentry": {"formatted": "row 7 is gone", "message": "row %s is gone"}},
        {"logentry": {"message": "row %s is gone", "params": [7]}},
        {"logentry": {"message": "row %(number)d is gone", "params": {"number": 7}}},
        {"message": {"message": "row %s is gone", "params": ["7"]}},
        {"sentry.interfaces.Message": {"message": "row %s is gone", "params": [7]}},
    ],
)
def test_a_message_comes_finished_or_as_a_template(words):
    assert processed(**words).value == "row 7 is gone"


@pytest.mark.parametrize("tags", [{"a": 1, "b": "x"}, [["a", 1], ["b", "x"]], [{"key": "a", "value": "1"}, ("b", "x")]])
def test_tags_come_as_object_and_as_pairs(tags):
    assert {("a", "1"), ("b", "x")} <= set(processed(message="x", tags=tags).tags)


def test_a_users_number_is_the_same_user_as_its_text():
    first, second = (processed(message="x", user={"id": number}).user_digest for number in (7, "7"))
    assert first == second != ""


def test_the_senders_address_is_nowhere_but_in_the_digest():
    draft = process(a_draft(event(user={"ip_address": "{{auto}}"}), remote="192.0.2.9"))
    assert draft.user_digest
    assert "192.0.2.9" not in repr(draft.payload)
    assert "192.0.2.9" not in repr(draft.tags)


@pytest.mark.parametrize("timestamp", [1_767_225_600.25, "2026-01-01T00:00:00.250Z"])
@pytest.mark.parametrize("wrap", [list, lambda entries: {"values": list(entries)}])
def test_a_trail_comes_bare_or_under_values(wrap, timestamp):
    draft = processed(message="x", breadcrumbs=wrap([{"message": "clicked", "timestamp": timestamp}]))
    assert draft.payload["breadcrumbs"]["values"] == [{"message": "clicked", "timestamp": timestamp}]


def test_an_unhandled_exception_is_tagged_as_such():
    draft = processed(exception=[raised(mechanism={"type": "excepthook", "handled": False})])
    assert ("handled", "no") in draft.tags


def test_default_stands_for_the_usual_grouping():
    usual = processed(exception=[LAST]).fingerprint.key
    keys = {
        processed(exception=[LAST], fingerprint=parts).fingerprint.key
        for parts in (["{{ default }}"], ["{{default}}"], ["{{ default }}", "checkout"], ["checkout"])
    }
    assert usual in keys
    assert len(keys) == 3


def test_numbers_and_characters_that_json_does_not_know_never_cost_the_event():
    text = b'{"message":"a\\u0000b\\ud800","extra":{"n":NaN,"i":Infinity,"s":"NaN"},"modules":{"django":"1.0"}}'
    draft = process(a_draft(read_object(text)))
    assert draft.value.startswith("ab")
    assert (draft.payload["extra"], draft.payload["modules"]) == (
        {"n": "nan", "i": "inf", "s": "NaN"},
        {"django": "1.0"},
    )


def test_arguments_of_the_program_stay_extra_data():
    assert processed(message="x", extra={"sys.argv": ["app", "-v"]}).payload["extra"]["sys.argv"] == ["app", "-v"]


def test_a_native_crash_without_any_exception_is_one():
    assert processed(platform="native", level="fatal").kind == "native"

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crashdesk.server.processor.rules import shape
from support.drafts import EVENT_ID, a_draft


def shaped(payload):
    draft = a_draft(payload)
    shape.apply(draft)
    return draft


def test_a_bare_list_of_exceptions_gets_its_values():
    assert shaped({"exception": [{"type": "E"}]}).payload["exception"] == {"values": [{"type": "E"}]}


def test_a_single_exception_gets_its_values():
    assert shaped({"exception": {"type": "E"}}).payload["exception"] == {"values": [{"type": "E"}]}


def test_old_names_are_read():
    found = shaped({"sentry.interfaces.Exception": [{"type": "E"}], "sentry.interfaces.Message": {"message": "m"}})
    assert found.payload["exception"] == {"values": [{"type": "E"}]}
    assert found.payload["logentry"] == {"message": "m"}


def test_the_new_name_wins_over_the_old_one():
    old, new = [{"type": "Old"}], [{"type": "New"}]
    for payload in (
        {"exception": new, "sentry.interfaces.Exception": old},
        {"sentry.interfaces.Exception": old, "exception": new},
    ):
        assert shaped(payload).payload["exception"]["values"][0]["type"] == "New"


def test_tags_become_pairs_of_text():
    assert shaped({"tags": {"a": 1, "b": None}}).payload["tags"] == [["a", "1"]]
    assert shaped({"tags": [["a", True], "x", {"key": "c", "value": "d"}]}).payload["tags"] == [
        ["a", "true"],
        ["c", "d"],
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [("user", "anna"), ("contexts", 7), ("breadcrumbs", "x"), ("exception", 3), ("tags", "a=b"), ("timestamp", "soon")],
)
def test_a_part_of_a_wrong_type_is_dropped_and_noted(name, value):
    draft = shaped({name: value, "platform": "python"})
    assert name not in draft.payload
    assert draft.payload["platform"] == "python"
    assert draft.notes == [{"rule": "shape", "problem": "dropped", "field": name}]


def test_wrong_parts_of_a_frame_do_not_cost_the_frame():
    frame = {"function": "f", "lineno": "12", "in_app": "yes", "vars": [], "pre_context": ["a", 1], "other": {}}
    found = shaped({"exception": [{"stacktrace": {"frames": [frame, "x"]}}]}).payload["exception"]["values"][0]
    assert found["stacktrace"]["frames"] == [{"function": "f", "lineno": 12, "pre_context": ["a", "1"], "other": {}}]


def test_a_deep_stack_keeps_both_its_ends():
    frames = [{"lineno": number} for number in range(1000)]
    found = shaped({"stacktrace": {"frames": frames}}).payload["stacktrace"]
    assert [frame["lineno"] for frame in (found["frames"][0], found["frames"][-1])] == [0, 999]
    assert len(found["frames"]) == shape.OUTER_FRAMES + shape.INNER_FRAMES
    assert found["frames_omitted"] == [50, 800]


def test_the_end_of_a_long_trail_is_kept():
    found = shaped({"breadcrumbs": [{"message": str(number)} for number in range(999)]}).payload["breadcrumbs"]
    assert len(found["values"]) == shape.MOST_BREADCRUMBS
    assert found["values"][-1]["message"] == "998"


def test_the_events_id_and_level_are_in_one_form():
    found = shaped({"event_id": "other", "level": 50}).payload
    assert (found["event_id"], found["level"]) == (EVENT_ID, "fatal")


def test_an_empty_text_is_no_wrong_type():
    draft = shaped({"server_name": "", "exception": [{"type": "", "value": ""}]})
    assert draft.payload["server_name"] == ""
    assert draft.notes == []


def test_nothing_stays_nothing_without_a_note():
    draft = shaped({"user": None, "tags": None})
    assert draft.payload["user"] is None
    assert draft.notes == []


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["values", "frames", "stacktrace", "type", "key", "value"]), inner, max_size=3
        )
    ),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from([*shape.FIELDS, *shape.OLD_NAMES, "level", "other"]), ODD, max_size=6))
def test_no_odd_value_stops_the_rule(payload):
    shaped(payload)

"""Bounds of one event."""

import json

from crashdesk.sdk.sizes import BREADCRUMBS_KEPT, MOST_EVENT_BYTES, fitted


def crumbs(number: int, size: int) -> dict:
    return {"values": [{"message": f"{place} {'x' * size}"} for place in range(number)]}


def test_an_event_of_usual_size_stays_as_it_is():
    event = {"message": "m", "breadcrumbs": crumbs(100, 100)}
    assert fitted(event) is event


def test_the_oldest_breadcrumbs_go_first():
    event = fitted({"exception": {"values": [{"value": "kept"}]}, "breadcrumbs": crumbs(1000, 1500)})
    values = event["breadcrumbs"]["values"]
    assert len(values) == BREADCRUMBS_KEPT
    assert values[-1]["message"].startswith("999 ")
    assert event["exception"]["values"][0]["value"] == "kept"


def test_then_locals_and_threads_go_but_not_the_stack():
    frames = [{"function": "f", "vars": {"big": "x" * MOST_EVENT_BYTES}}]
    event = fitted({"exception": {"values": [{"stacktrace": {"frames": frames}}]}})
    assert event["exception"]["values"][0]["stacktrace"]["frames"] == [{"function": "f"}]


def test_long_texts_are_cut_and_say_so():
    event = fitted({"exception": {"values": [{"value": "x" * (MOST_EVENT_BYTES + 1)}]}})
    assert event["exception"]["values"][0]["value"].endswith(f"… ({MOST_EVENT_BYTES + 1} characters)")


def test_what_cannot_be_shortened_keeps_its_core():
    event = fitted({"event_id": "1", "message": "m", "contexts": {str(number): number for number in range(60_000)}})
    assert event == {"event_id": "1", "message": "m"}


def test_a_deep_value_is_no_trouble():
    deep: dict = {}
    for _ in range(500):
        deep = {"deeper": deep, "text": "x" * 3000}
    event = fitted({"message": "m", "contexts": {"deep": deep}})
    assert len(json.dumps(event)) <= 1.3 * MOST_EVENT_BYTES

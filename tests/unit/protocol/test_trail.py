"""Breadcrumbs within bounds, merged and trimmed."""

import inspect
import re

from crashdesk.protocol.trail import (
    CATEGORIES,
    MAX_BREADCRUMBS,
    MAX_DATA_CHARS,
    MAX_DATA_FIELDS,
    MAX_MESSAGE_CHARS,
    breadcrumb,
    category_description,
    trim,
)


def step(message, at=0.0, **more):
    return breadcrumb(message, at, "ui.click", **more)


def test_a_breadcrumb_says_when_what_and_where():
    assert breadcrumb("Saved", 5.0, data={"entries": 3}) == {
        "timestamp": 5.0,
        "type": "default",
        "category": "product",
        "level": "info",
        "message": "Saved",
        "data": {"entries": 3},
    }


def test_everything_in_a_breadcrumb_is_bounded():
    crumb = breadcrumb("m" * 9999, 0.0, "c" * 9999, data={str(n): ["v" * 9999] for n in range(99)})
    assert len(crumb["message"]) == MAX_MESSAGE_CHARS
    assert len(crumb["data"]) == MAX_DATA_FIELDS
    assert all(len(value) == MAX_DATA_CHARS for value in crumb["data"].values())
    assert len(crumb["category"]) == 100


def test_equal_steps_in_a_row_are_one_with_a_number():
    trail = trim([step("Next", 1.0), step("Next", 2.0), step("Next", 3.0), step("Back", 4.0), step("Next", 5.0)])
    assert [(crumb["message"], crumb["timestamp"]) for crumb in trail] == [("Next", 3.0), ("Back", 4.0), ("Next", 5.0)]
    assert trail[0]["data"] == {"repeated": 3}


def test_merging_again_adds_up():
    once = trim([step("Next", 1.0), step("Next", 2.0)])
    assert trim([*once, step("Next", 3.0)])[0]["data"] == {"repeated": 3}


def test_steps_with_other_data_stay_apart():
    assert len(trim([step("Next", data={"row": 1}), step("Next", data={"row": 2})])) == 2


def test_the_newest_steps_are_kept_oldest_first():
    trail = trim([step(str(number)) for number in range(500)])
    assert len(trail) == MAX_BREADCRUMBS
    assert (trail[0]["message"], trail[-1]["message"]) == ("400", "499")
    assert trim(trail, 0) == []


def test_what_is_given_stays_as_it_is():
    first = step("Next", 1.0)
    trim([first, step("Next", 2.0)])
    assert first == step("Next", 1.0)


def test_odd_breadcrumbs_are_no_hindrance():
    assert trim([{}, {"data": 7}, {"data": {"repeated": "x"}}]) == [{"data": {"repeated": 3}}]


def test_categories_are_described_by_name_or_group():
    assert all(text.endswith(".") for text in CATEGORIES.values())
    assert category_description("qt.core") == CATEGORIES["qt"]
    assert category_description("solar") == ""


def test_every_step_that_the_sdk_notes_in_windows_is_described():
    from crashdesk.sdk.qt import trail as noted  # the other side of the table

    used = {f"ui.{what}" for what in re.findall(r'_add\("([a-z_]+)"', inspect.getsource(noted))}
    assert used
    assert used <= set(CATEGORIES)

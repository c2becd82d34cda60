from datetime import UTC, datetime, timedelta

from crashdesk.server.triage import trail

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)


def steps(*entries):
    return trail.trail({"breadcrumbs": {"values": list(entries)}}, AT).last


def of_toolkit(message, **more):
    return {"category": "qt.default", "level": "warning", "message": message, **more}


def said(step):
    return "".join(piece for piece, _ in step.pieces)


def test_a_step_says_how_long_before_the_event_it_was():
    [step] = steps({"timestamp": (AT - timedelta(seconds=4.2)).timestamp(), "message": "clicked"})
    assert step.when == "4.2 s before"
    assert step.exact == "2026-03-02 11:59:55 UTC"


def test_names_between_stars_are_told_from_the_words_around_them():
    [step] = steps({"category": "ui.click", "message": "clicked *Remove* in *Books*"})
    assert step.pieces == [("clicked ", False), ("Remove", True), (" in ", False), ("Books", True)]


def test_a_request_becomes_a_sentence():
    [step] = steps({"type": "http", "data": {"method": "POST", "url": "/sync", "status_code": 500, "reason": "x"}})
    assert said(step) == "asked POST /sync and got 500"
    assert step.data == [("reason", "x")]


def test_going_from_page_to_page_becomes_a_sentence():
    [step] = steps({"type": "navigation", "data": {"from": "List", "to": "Entry"}})
    assert said(step) == "went from List to Entry"


def test_a_log_line_names_its_logger():
    [step] = steps({"category": "fieldbook.sync", "message": "retrying", "level": "warning"})
    assert said(step) == "fieldbook.sync: retrying"
    assert (step.shape, step.colour) == ("triangle", "amber")


def numbered(number):
    return trail.trail({"breadcrumbs": [{"message": str(position)} for position in range(number)]}, AT)


def test_a_trail_of_25_steps_is_shown_whole():
    found = numbered(25)
    assert (len(found.last), found.earlier, found.left_out) == (25, [], 0)


def test_of_a_longer_trail_the_last_20_steps_stay_in_sight_and_the_others_fold():
    found = numbered(61)
    assert [said(step) for step in found.last] == [str(position) for position in range(41, 61)]
    assert [said(step) for step in found.earlier] == [str(position) for position in range(41)]


def test_steps_beyond_the_bound_are_counted():
    found = numbered(200)
    assert len(found.last) + len(found.earlier) == trail.MAX_STEPS
    assert found.left_out == 50


def test_equal_neighbours_are_one_step_that_says_how_often():
    plain = {"category": "ui.click", "message": "clicked *Next*"}
    assert [said(step) for step in steps(plain, plain, plain | {"message": "clicked *Back*"}, plain)] == [
        "clicked Next (2 times)",
        "clicked Back",
        "clicked Next",
    ]


def test_what_the_toolkit_repeats_is_said_once_where_it_came_last():
    noise, other, click = of_toolkit("does not support raise()"), of_toolkit("other"), {"message": "clicked"}
    assert [said(step) for step in steps(noise, noise, click, noise, other, click)] == [
        "clicked",
        "qt.default: does not support raise() (3 times in this trail)",
        "qt.default: other",
        "clicked",
    ]


def test_an_error_of_the_toolkit_keeps_each_of_its_places():
    error, click = of_toolkit("cannot make a context", level="error"), {"message": "clicked"}
    assert len(steps(error, click, error)) == 3


def test_yes_and_no_are_words():
    [step] = steps({"message": "Window find opened", "data": {"modal": True}})
    assert step.data == [("modal", "yes")]


def test_a_step_that_was_repeated_says_how_often():
    [step] = steps({"category": "ui.click", "message": "pressed *Next*", "data": {"repeated": 3}})
    assert said(step) == "pressed Next (3 times)"
    assert step.data == []


def test_odd_times_and_values_are_no_obstacle():
    odd = [{"timestamp": value} for value in (None, "soon", float("nan"), 1e300, [1], "0001-01-01")]
    shown = steps(*odd, {"data": 7, "message": {"a": 1}}, "text")
    assert all(step.when == "" for step in shown)
    assert said(shown[-1]) == "a step without words"


def test_a_time_as_text_is_read():
    assert trail.moment_of("2026-03-02T12:00:00Z") == AT
    assert trail.moment_of("2026-03-02T12:00:00") == AT

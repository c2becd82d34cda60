from datetime import UTC, datetime, timedelta

from crashdesk.server.triage import trail

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)


def steps(*entries):
    return trail.steps({"breadcrumbs": {"values": list(entries)}}, AT)[0]


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


def test_only_the_last_steps_are_shown_and_the_others_counted():
    many = [{"message": str(number)} for number in range(200)]
    shown, left_out = trail.steps({"breadcrumbs": many}, AT)
    assert len(shown) == trail.MAX_STEPS
    assert left_out == 50
    assert said(shown[-1]) == "199"


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

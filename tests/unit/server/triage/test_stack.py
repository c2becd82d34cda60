from crashdesk.server.triage import stack
from support.events import event, frame, library_frame, raised


def test_the_surfaced_exception_comes_first_then_its_cause():
    chain = raised("KeyError"), raised("IndexError", mechanism={"source": "__cause__"})
    shown = stack.failures(event(*chain))
    assert [failure.type for failure in shown] == ["IndexError", "KeyError"]


def test_a_stated_cause_is_told_from_one_that_was_being_handled():
    stated = raised("KeyError", mechanism={"source": "__cause__"})
    [_, cause] = stack.failures(event(stated, raised("IndexError")))
    assert cause.relation == "was the stated cause"
    [_, handled] = stack.failures(event(raised("KeyError"), raised("IndexError")))
    assert handled.relation == "was being handled when it was raised"


def test_calls_are_innermost_first_and_libraries_form_runs_of_their_own():
    frames = [
        frame("fieldbook.app", "main"),
        library_frame("PySide6.QtWidgets", "exec"),
        library_frame("PySide6.QtCore", "emit"),
        frame("fieldbook.table", "filter_rows"),
    ]
    [failure] = stack.failures(event(raised(frames=frames)))
    assert [(run.is_own, [call.function for call in run.calls]) for run in failure.runs] == [
        (True, ["filter_rows"]),
        (False, ["emit", "exec"]),
        (True, ["main"]),
    ]


def test_the_failing_line_stands_between_its_neighbours_with_numbers():
    shown = frame("fieldbook.table", "f", lineno=10, pre_context=["a", "b"], context_line="c", post_context=["d"])
    [failure] = stack.failures(event(raised(frames=[shown])))
    lines = failure.runs[0].calls[0].lines
    assert [(line.number, line.text, line.is_failing) for line in lines] == [
        (8, "a", False),
        (9, "b", False),
        (10, "c", True),
        (11, "d", False),
    ]


def test_empty_lines_around_the_failing_one_are_left_out():
    shown = frame(
        "fieldbook.table", "f", lineno=10, pre_context=["", "a"], context_line="c", post_context=["d", " ", ""]
    )
    [failure] = stack.failures(event(raised(frames=[shown])))
    assert [line.text for line in failure.runs[0].calls[0].lines] == ["a", "c", "d"]


def test_the_innermost_calls_of_the_product_are_open():
    frames = [frame("fieldbook.app", f"step_{number}") for number in range(5)]
    [failure] = stack.failures(event(raised(frames=[*frames, library_frame("click.core", "main")])))
    assert [call.function for call in failure.opened()] == ["step_4", "step_3"]


def test_a_deep_recursion_is_cut_and_counted():
    frames = [frame("fieldbook.table", "again")] * 1000
    [failure] = stack.failures(event(raised(frames=frames)))
    assert sum(len(run.calls) for run in failure.runs) == stack.MAX_FRAMES
    assert failure.left_out == 1000 - stack.MAX_FRAMES


def test_the_crashed_thread_comes_first_and_threads_without_stack_are_left_out():
    frames = {"frames": [frame("fieldbook.app", "main")]}
    threads = [
        {"name": "idle", "stacktrace": frames},
        {"name": "empty"},
        {"name": "main", "crashed": True, "stacktrace": frames},
    ]
    assert [thread.name for thread in stack.threads({"threads": {"values": threads}})] == ["main", "idle"]


def test_odd_values_are_no_obstacle():
    odd = {"exception": {"values": [{"type": 3, "stacktrace": {"frames": [None, {"lineno": True, "vars": []}]}}, 7]}}
    [failure] = stack.failures(odd)
    assert failure.type == "3"
    assert failure.runs[0].calls[0].function == "?"
    assert stack.failures({"exception": "text"}) == []


def test_variables_are_bounded():
    shown = frame("fieldbook.table", "f", vars={"rows": "x" * 9999, "number": {"a": [1]}})
    [failure] = stack.failures(event(raised(frames=[shown])))
    variables = dict(failure.runs[0].calls[0].variables)
    assert len(variables["rows"]) == 2000
    assert variables["number"] == '{"a":[1]}'

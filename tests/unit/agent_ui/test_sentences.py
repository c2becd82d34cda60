from dataclasses import replace
from datetime import timedelta

import pytest

from crashdesk.agent.ui import sentences
from support.windows import NOW


@pytest.mark.parametrize(
    ("kind", "own", "text"),
    [
        ("python", {"program_went_on": True}, "Fieldbook ran into an error"),
        ("python", {}, "Fieldbook had to close"),
        ("native", {}, "Fieldbook stopped working"),
        ("hang", {"hang_seconds": 6.2}, "Fieldbook did not respond for 6 seconds"),
        ("hang", {}, "Fieldbook did not respond"),
        ("abnormal", {}, "Fieldbook ended unexpectedly"),
        ("exit", {}, "Fieldbook ended unexpectedly"),
        ("message", {}, "Fieldbook has something to report"),
    ],
)
def test_title_says_what_happened(problem, kind: str, own: dict, text: str) -> None:
    assert sentences.head(problem(kind, **own)) == text


def test_program_without_a_name_is_the_program(problem) -> None:
    assert sentences.head(replace(problem(), product="")) == "The program had to close"


def test_story_says_what_became_of_the_program_and_what_came_before(problem) -> None:
    told = sentences.story(problem(program_went_on=True), NOW)
    assert told == (
        "It went on running, but what you did last may not have worked. Shortly before: clicked “Remove” in “Entries”."
    )


def test_crash_of_an_earlier_run_says_when_it_was(problem) -> None:
    told = sentences.story(problem("native"), NOW + timedelta(hours=1))
    assert told.startswith("It ended without warning. This was ")


def test_error_that_was_kept_for_later_says_when_it_was(problem) -> None:
    told = sentences.story(problem(program_went_on=True), NOW + timedelta(hours=1))
    assert " This was " in told


def test_crash_of_this_minute_does_not_say_when(problem) -> None:
    assert "This was" not in sentences.story(problem("native"), NOW)


@pytest.mark.parametrize(("times", "text"), [(1, ""), (2, "This happened twice."), (5, "This happened 5 times.")])
def test_repeats_are_counted(problem, times: int, text: str) -> None:
    told = sentences.story(problem("python", times), NOW)
    assert (text in told) if text else ("This happened" not in told)


def test_long_step_is_cut(problem) -> None:
    about = problem()
    about.newest.event.payload["breadcrumbs"]["values"][-1]["message"] = "x" * 500
    assert len(sentences.story(about, NOW)) < 250

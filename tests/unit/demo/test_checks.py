"""The tour believes only what the server shows: each fact that is missing is named."""

import pytest

from crashdesk.demo.checks import counts, findings, is_feedback_there
from crashdesk.demo.fieldbook.bugs import BUGS, FEEDBACK_WORDS

EXPECTED = {row.name: 1 for row in BUGS}


def frame(row):
    return {"function": row.function, "in_app": True, "context_line": "the line"}


def issue_of(number, row):
    return {
        "id": str(number),
        "shortId": f"FIELDBOOK-{number}",
        "culprit": f"crashdesk.demo.fieldbook.{row.module} in {row.function}",
        "count": "1",
        "metadata": {"type": row.exception_type},
    }


def event_of(row):
    return {
        "contexts": {name: {"name": "x"} for name in ("os", "runtime", "device", "app", "qt")},
        "entries": [
            {"type": "exception", "data": {"values": [{"stacktrace": {"frames": [frame(row)]}}]}},
            {"type": "breadcrumbs", "data": {"values": [{"category": "ui.click"}]}},
        ],
    }


class Answers:
    """What the REST API would answer; a test takes something away from it."""

    org, project = "main", "fieldbook"

    def __init__(self):
        self.issues = [issue_of(number, row) for number, row in enumerate(BUGS)]
        self.events = {str(number): event_of(row) for number, row in enumerate(BUGS)}
        self.feedback = [{"comments": row.words, "issue": {"id": str(number)}} for number, row in enumerate(BUGS)]

    def get(self, path):
        if path.endswith("/issues/"):
            return self.issues
        return self.feedback if path.endswith("/user-feedback/") else self.events[path.split("/")[1]]


@pytest.fixture
def api():
    return Answers()


def missing(api, expected=EXPECTED):
    return {found.bug.name: found.missing for found in findings(api, expected) if found.missing}


def test_nothing_is_missing_when_all_has_arrived(api):
    assert missing(api) == {}
    assert counts(api) == EXPECTED


def test_an_issue_that_is_not_there_or_there_twice_is_named(api):
    api.issues.append(dict(api.issues[1], id="99"))
    del api.issues[0]
    assert missing(api) == {"filtered_row": ("the issue",), "malformed_import": ("one issue (there are 2)",)}


def test_a_second_crash_must_have_raised_the_count(api):
    assert missing(api, {**EXPECTED, "filtered_row": 2}) == {"filtered_row": ("2 reports of it (there are 1)",)}


def test_a_stack_without_source_steps_snapshot_and_words_are_named(api):
    api.events["0"]["entries"][0]["data"]["values"][0]["stacktrace"]["frames"][0]["context_line"] = None
    api.events["0"]["entries"][1]["data"]["values"] = [{"category": "log"}]
    del api.events["0"]["contexts"]["qt"]
    del api.feedback[0]
    named = ("the stack with its source", "the steps before it", "the snapshot (qt)", "the user's words")
    assert missing(api) == {"filtered_row": named}


def test_feedback_counts_only_when_it_belongs_to_no_crash(api):
    api.feedback = [{"comments": FEEDBACK_WORDS, "eventID": "0" * 32}]
    assert not is_feedback_there(api)
    api.feedback.append({"comments": FEEDBACK_WORDS, "eventID": None})
    assert is_feedback_there(api)

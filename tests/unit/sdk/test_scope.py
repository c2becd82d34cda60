"""What the product said about its run, in every report."""

from pathlib import Path

import pytest

from crashdesk.errors import UsageError
from crashdesk.sdk.scope import MOST_ATTACHMENT_BYTES, MOST_ATTACHMENTS, Scope, attachment_of
from crashdesk.sdk.trail import Trail


@pytest.fixture
def scope() -> Scope:
    return Scope(Trail(size=10))


def applied(scope: Scope, **event: object) -> dict:
    scope.apply(event)
    return event


def test_an_empty_scope_adds_nothing(scope: Scope):
    assert applied(scope) == {"contexts": {}}


def test_what_an_event_says_itself_wins(scope: Scope):
    scope.set_user({"id": "run", "email": "a@example.org"})
    scope.set_tag("place", "run")
    scope.set_context("document", {"from": "run"})
    event = applied(scope, user={"id": "event"}, tags=[["place", "event"]], contexts={"document": {"from": "event"}})
    assert event["user"] == {"id": "event", "email": "a@example.org"}
    assert event["tags"] == {"place": "event"}
    assert event["contexts"]["document"] == {"from": "event"}


def test_none_takes_facts_away(scope: Scope):
    scope.set_tag("a", 1)
    scope.set_tag("a", None)
    scope.set_context("b", {"c": 1})
    scope.set_context("b", None)
    scope.set_user({"id": 1})
    scope.set_user(None)
    assert applied(scope) == {"contexts": {}}


def test_our_own_context_cannot_be_set(scope: Scope):
    with pytest.raises(UsageError):
        scope.set_context("crashdesk", {})


def test_odd_values_become_text(scope: Scope):
    scope.set_context("odd", {"path": Path("/x"), "set": {1}, 3: "number"})
    assert applied(scope)["contexts"]["odd"] == {"path": "/x", "set": "{1}", "3": "number"}


def test_both_trails_are_merged_by_time(scope: Scope):
    scope.trail.add({"message": "second", "timestamp": 2.0})
    event = applied(
        scope,
        breadcrumbs={
            "values": [
                {"message": "third", "timestamp": "1970-01-01T00:00:03Z"},
                {"message": "first", "timestamp": 1},
                {"message": "timeless"},
            ]
        },
    )
    assert [crumb["message"] for crumb in event["breadcrumbs"]["values"]] == ["timeless", "first", "second", "third"]


def test_an_attachment_of_the_same_name_is_replaced(scope: Scope):
    scope.attach(attachment_of(b"old", "log.txt"))
    scope.attach(attachment_of(b"new", "log.txt"))
    assert [attachment.read() for attachment in scope.attachments] == [b"new"]


def test_the_number_of_attachments_is_bounded(scope: Scope):
    for number in range(MOST_ATTACHMENTS + 5):
        scope.attach(attachment_of(b"", f"{number}.txt"))
    assert scope.attachments[0].filename == "5.txt"


def test_of_a_long_file_the_newest_part_is_taken(tmp_path: Path):
    log = tmp_path / "app.log"
    log.write_bytes(b"old" + b"x" * MOST_ATTACHMENT_BYTES)
    assert attachment_of(log).read() == b"x" * MOST_ATTACHMENT_BYTES


def test_a_missing_file_is_left_out(tmp_path: Path):
    assert attachment_of(tmp_path / "gone.log").read() is None

import hashlib

import pytest

from crashdesk.server.events.models import Event
from support.events import event, message
from support.stored import a_stored_event, a_stored_file, stored_words

EVENTS = "/api/0/projects/main/fieldbook/events/"


def one(desk, body, found):
    _, stored = a_stored_event(desk.project.pk, body)
    return found(desk.viewer.get(f"{EVENTS}{stored.event_id.hex}/"))


def test_an_event_has_the_shape_that_scripts_read(desk, found):
    shown = found(desk.viewer.get(f"{EVENTS}{desk.event.event_id}/"))
    assert shown["eventID"] == shown["id"] == desk.event.event_id.hex
    assert shown["groupID"] == str(desk.issue.id)
    assert shown["release"] == {"version": "fieldbook@2.4.0"}
    assert shown["user"] == {"id": "7"}
    assert shown["errors"] == []
    assert [entry["type"] for entry in shown["entries"]] == ["exception"]
    assert shown["entries"][0]["data"]["values"][0]["type"] == "KeyError"
    assert shown["dateCreated"].endswith("Z")


def test_tags_hold_what_every_event_has_and_its_own(desk, found):
    body = event(tags={"qt": "6.11", "level": "hidden"})
    body["exception"]["values"][0]["mechanism"] = {"type": "excepthook", "handled": False}
    tags = {tag["key"]: tag["value"] for tag in one(desk, body, found)["tags"]}
    assert tags == {
        "level": "error",
        "release": "fieldbook@2.4.0",
        "environment": "production",
        "handled": "no",
        "qt": "6.11",
    }


def test_every_part_of_an_event_becomes_an_entry(desk, found):
    body = event(
        message="both",
        breadcrumbs=[{"message": "a"}],
        threads={"values": [{"id": 1}]},
        request={"url": "x"},
        extra={"rows": 1},
        sdk={"name": "s", "version": "1"},
        contexts={"os": {"name": "Debian"}},
    )
    shown = one(desk, body, found)
    assert {entry["type"] for entry in shown["entries"]} == {
        "exception",
        "breadcrumbs",
        "threads",
        "request",
        "message",
    }
    assert shown["context"] == {"rows": 1}
    assert shown["contexts"]["os"]["name"] == "Debian"
    assert shown["sdk"] == {"name": "s", "version": "1"}


def test_a_message_has_a_title_of_its_own(desk, found):
    shown = one(desk, message("first line\nsecond"), found)
    assert (shown["title"], shown["type"]) == ("first line", "default")
    assert shown["metadata"] == {"title": "first line"}


def test_lists_leave_the_release_object_out(desk, found):
    for path in (EVENTS, f"/api/0/issues/{desk.issue.id}/events/"):
        [row] = found(desk.viewer.get(path))
        assert "release" not in row
        assert all(isinstance(row[name], str) for name in ("eventID", "dateCreated", "title"))


def test_latest_and_oldest_events_of_an_issue(desk, found):
    _, newest = a_stored_event(desk.project.pk, event(timestamp=1_767_300_000.0))
    base = f"/api/0/issues/{desk.issue.id}/events/"
    assert found(desk.viewer.get(f"{base}latest/"))["eventID"] == newest.event_id.hex
    assert found(desk.viewer.get(f"{base}oldest/"))["eventID"] == desk.event.event_id.hex


@pytest.mark.parametrize("name", ["8d90148b6a684a79a8fcf13d1c1a9d2e", "nonsense", "0"])
def test_an_unknown_event_is_not_found(desk, found, name):
    found(desk.viewer.get(f"{EVENTS}{name}/"), 404)
    found(desk.viewer.get(f"{EVENTS}{name}/attachments/"), 404)


def test_files_of_an_event_are_listed_and_given(desk, found):
    file = a_stored_file(desk.project.pk, desk.event.event_id, "log.txt", b"a line\n")
    base = f"{EVENTS}{desk.event.event_id.hex}/attachments/"
    [row] = found(desk.viewer.get(base))
    assert (row["id"], row["name"], row["size"]) == (str(file.id), "log.txt", 7)
    assert row["sha1"] == hashlib.sha1(b"a line\n", usedforsecurity=False).hexdigest()
    assert found(desk.viewer.get(f"{base}{file.id}/")) == row
    bytes_ = desk.viewer.get(f"{base}{file.id}/", {"download": "1"})
    assert bytes_.getvalue() == b"a line\n"
    assert bytes_["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in bytes_["Content-Security-Policy"]


def test_the_id_of_feedback_leads_to_its_files_too(desk, found):
    words = stored_words(desk.project.pk, "hello")
    a_stored_file(desk.project.pk, words.feedback_id, "shot.png")
    [row] = found(desk.viewer.get(f"{EVENTS}{words.feedback_id.hex}/attachments/"))
    assert row["name"] == "shot.png"


def test_a_file_of_another_event_is_not_found_below_this_one(desk, found):
    _, other = a_stored_event(desk.project.pk, event())
    file = a_stored_file(desk.project.pk, other.event_id)
    found(desk.viewer.get(f"{EVENTS}{desk.event.event_id.hex}/attachments/{file.id}/"), 404)


def test_an_event_whose_body_is_lost_still_tells_what_its_row_knows(desk, found):
    type(desk.event).objects.filter(event_id=desk.event.event_id).update(body="9:9:9")
    shown = found(desk.viewer.get(f"{EVENTS}{desk.event.event_id.hex}/"))
    assert shown["release"] == {"version": "fieldbook@2.4.0"}
    assert shown["entries"] == []


def test_an_event_whose_details_have_gone_still_says_what_it_was(desk, found):
    Event.objects.update(body="")
    [row] = found(desk.viewer.get(EVENTS))
    assert (row["title"], row["isKept"]) == ("KeyError: 'x'", False)
    whole = found(desk.viewer.get(f"/api/0/issues/{desk.issue.id}/events/latest/"))
    assert whole["title"] == "KeyError: 'x'"
    assert "no longer kept" in whole["errors"][0]["message"]
    assert {"key": "level", "value": "error"} in whole["tags"]

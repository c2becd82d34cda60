import re

import pytest

from crashdesk.server.api import cursors
from support.events import event, frame, raised
from support.stored import a_stored_event, stored_words

LIST = "/api/0/projects/main/fieldbook/issues/"


def another(desk, name, **more):
    issue, _ = a_stored_event(desk.project.pk, event(raised(name, frames=[frame("fieldbook.x", name)]), **more))
    return issue


def test_an_issue_has_the_shape_that_clients_read(desk, found):
    [issue] = found(desk.viewer.get(LIST))
    text_fields = ("id", "shortId", "title", "lastSeen", "status", "level", "count", "firstSeen")
    assert all(isinstance(issue[name], str) for name in text_fields)
    assert issue["shortId"] == f"FIELDBOOK-{desk.issue.number}"
    assert issue["title"] == "KeyError: 'x'"
    assert issue["metadata"] == {"type": "KeyError", "value": "'x'"}
    assert issue["project"]["slug"] == "fieldbook"
    assert issue["lastSeen"] == "2026-01-01T00:00:00.000000Z"
    assert issue["permalink"] == f"http://desk.example/issues/FIELDBOOK-{desk.issue.number}/"


def test_the_query_is_that_of_the_search_box(desk, found):
    another(desk, "ZeroDivisionError", release="fieldbook@9")
    titles = lambda query: [row["metadata"]["type"] for row in found(desk.viewer.get(LIST, {"query": query}))]  # noqa: E731
    assert titles("zerodivision") == ["ZeroDivisionError"]
    assert titles("release:fieldbook@9") == ["ZeroDivisionError"]
    assert titles("qt:6.11 is:unresolved") == ["KeyError"]
    assert titles("is:resolved") == []


@pytest.mark.parametrize("query", ['"open', "is:nonsense", "x" * 2000])
def test_a_query_that_cannot_be_read_is_a_400(desk, found, query):
    assert found(desk.viewer.get(LIST, {"query": query}), 400)["detail"]


def test_lists_are_paged_by_the_link_header(desk, found):
    for number in range(5):
        another(desk, f"Error{number}", timestamp=1_767_300_000 + number)
    address, seen = f"{LIST}?limit=2&cursor=", []
    while address:
        answer = desk.viewer.get(address)
        seen += [row["id"] for row in found(answer)]
        next_ = re.search(r'<([^>]+)>; rel="next"; results="(\w+)"; cursor="([^"]+)"', answer["Link"])
        address = next_[1] if next_[2] == "true" else ""
    assert len(seen) == len(set(seen)) == 6


@pytest.mark.parametrize("cursor", ["abc", "0:abc:0", "1:2", "0:" + "9" * 30 + ":0"])
def test_a_cursor_of_no_page_is_a_400(desk, found, cursor):
    assert "begin again" in found(desk.viewer.get(LIST, {"cursor": cursor}), 400)["detail"]
    assert found(desk.viewer.get("/api/0/projects/main/fieldbook/events/", {"cursor": cursor}), 400)["detail"]


def test_the_first_cursors_of_sentry_begin_at_the_top(desk, found):
    for cursor in ("", "0:0:0", "0:0:1"):
        assert len(found(desk.viewer.get(LIST, {"cursor": cursor}))) == 1
    assert cursors.after("") == ""


def test_issues_of_all_projects_or_of_one(desk, found):
    path = "/api/0/organizations/main/issues/"
    assert len(found(desk.root.get(path))) == 1
    assert len(found(desk.root.get(path, {"project": "fieldbook"}))) == 1
    assert found(desk.root.get(path, {"project": "elsewhere"})) == []


@pytest.mark.parametrize("status", ["resolved", "ignored"])
def test_the_state_of_an_issue_is_set(desk, found, status):
    path = f"/api/0/issues/{desk.issue.id}/"
    put = desk.developer.put(path, {"status": status}, content_type="application/json")
    assert found(put)["status"] == status
    assert found(desk.developer.get(path))["status"] == status
    found(desk.developer.put(path, {"status": status}, content_type="application/json"))


def test_several_issues_are_set_by_id_or_by_status(desk, found):
    other = another(desk, "IndexError")
    ids = f"{LIST}?id={desk.issue.id}&id={other.id}"
    assert found(desk.developer.put(ids, {"status": "resolved"}, content_type="application/json")) == {
        "status": "resolved"
    }
    assert len(found(desk.viewer.get(LIST, {"query": "is:resolved"}))) == 2
    found(desk.developer.put(f"{LIST}?status=resolved", {"status": "unresolved"}, content_type="application/json"))
    assert len(found(desk.viewer.get(LIST, {"query": "is:unresolved"}))) == 2


def test_a_list_is_narrowed_by_status_beside_the_query(desk, found):
    another(desk, "IndexError")
    assert found(desk.viewer.get(LIST, {"status": "resolved"})) == []
    assert len(found(desk.viewer.get(LIST, {"status": "unresolved", "query": "IndexError"}))) == 1


def test_muted_is_what_sentry_cli_calls_ignored(desk, found):
    put = desk.developer.put(f"{LIST}?id={desk.issue.id}", {"status": "muted"}, content_type="application/json")
    assert found(put) == {"status": "ignored"}
    assert len(found(desk.viewer.get(LIST, {"status": "muted"}))) == 1


@pytest.mark.parametrize(
    ("query", "body"),
    [("", {}), ("?id=1", {"status": "gone"}), ("?id=1", []), ("?id=1", "{"), ("?status=x", {})],
)
def test_an_order_that_cannot_be_read_changes_nothing(desk, query, body):
    answer = desk.developer.put(LIST + query, body, content_type="application/json")
    assert answer.status_code in {400, 404}
    assert answer.json()["detail"]


@pytest.mark.parametrize("name", ["0", "abc", "9" * 25, "-1", "²"])
def test_an_unknown_issue_is_not_found(desk, found, name):
    found(desk.viewer.get(f"/api/0/issues/{name}/"), 404)


def test_feedback_is_counted_and_listed(desk, found):
    stored_words(desk.project.pk, "It closed", issue=desk.issue, event_id=desk.event.event_id, name="Greta")
    stored_words(desk.project.pk, "An idea", kind="idea")
    rows = found(desk.viewer.get("/api/0/projects/main/fieldbook/user-feedback/"))
    about = next(row for row in rows if row["comments"] == "It closed")
    assert about["eventID"] == desk.event.event_id.hex
    assert about["name"] == "Greta"
    assert next(row for row in rows if row["comments"] == "An idea")["eventID"] is None
    assert found(desk.viewer.get(f"/api/0/issues/{desk.issue.id}/"))["userReportCount"] == 1

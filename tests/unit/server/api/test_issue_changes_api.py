import pytest

from crashdesk.server.issues.models import Issue
from support import people
from support.events import event, frame, raised
from support.stored import a_stored_event, a_stored_file

LIST = "/api/0/projects/main/fieldbook/issues/"


@pytest.fixture
def admin(desk):
    return people.bearer(people.a_member("ada", desk.project.pk, "admin"))


@pytest.fixture
def other(desk):
    """Return a second issue of the project, younger than the first."""
    body = event(raised("ZeroDivisionError", frames=[frame("fieldbook.x", "half")]), tags={"qt": "6.12"})
    return a_stored_event(desk.project.pk, body)[0]


def put(client, address, body):
    return client.put(address, body, content_type="application/json")


def states(desk):
    return dict(Issue.objects.filter(project_id=desk.project.pk).values_list("id", "state"))


def test_several_issues_are_changed_by_id(desk, found, other):
    answer = put(desk.developer, f"{LIST}?id={desk.issue.id}&id={other.id}", {"status": "resolved"})
    assert found(answer) == {"status": "resolved"}
    assert set(states(desk).values()) == {"resolved"}


def test_a_status_without_names_is_for_all_of_the_project(desk, found, other):
    found(put(desk.developer, LIST, {"status": "ignored"}))
    assert set(states(desk).values()) == {"ignored"}
    found(put(desk.developer, f"{LIST}?status=ignored&query=zerodivision", {"status": "unresolved"}))
    assert states(desk) == {desk.issue.id: "ignored", other.id: "unresolved"}


def test_other_words_for_a_status_are_understood(desk, found):
    found(put(desk.developer, f"/api/0/issues/{desk.issue.id}/", {"status": "muted"}))
    assert states(desk)[desk.issue.id] == "ignored"
    found(put(desk.developer, f"/api/0/issues/{desk.issue.id}/", {"status": "resolvedInNextRelease"}))
    assert states(desk)[desk.issue.id] == "resolved"


def test_fields_that_this_server_does_not_have_are_ignored(desk, found):
    answer = put(desk.developer, f"/api/0/issues/{desk.issue.id}/", {"isBookmarked": True, "hasSeen": True})
    assert found(answer)["status"] == "unresolved"


@pytest.mark.parametrize("who", ["dora@example.org", "me", "user:{id}"])
def test_an_issue_is_given_to_a_member(desk, found, who):
    answer = put(desk.developer, f"/api/0/issues/{desk.issue.id}/", {"assignedTo": who.format(id=desk.dev.pk)})
    assert found(answer)["assignedTo"]["email"] == "dora@example.org"
    assert found(put(desk.developer, f"/api/0/issues/{desk.issue.id}/", {"assignedTo": ""}))["assignedTo"] is None


def test_an_issue_is_not_given_to_a_stranger(desk, found):
    answer = put(desk.developer, f"/api/0/issues/{desk.issue.id}/", {"assignedTo": "sam@example.org"})
    assert "member" in found(answer, 400)["detail"]


def test_issues_are_merged_and_the_child_leads_to_the_parent(desk, found, other):
    answer = found(put(desk.developer, f"{LIST}?id={desk.issue.id}&id={other.id}", {"merge": 1}))
    assert answer == {"merge": {"parent": str(desk.issue.id), "children": [str(other.id)]}}
    whole = found(desk.viewer.get(f"/api/0/issues/{other.id}/"))
    assert (whole["id"], whole["count"], whole["mergedIssues"]) == (str(desk.issue.id), "2", [str(other.id)])


def test_one_issue_cannot_be_merged(desk, found):
    assert found(put(desk.developer, f"{LIST}?id={desk.issue.id}", {"merge": 1}), 400)["detail"]
    assert found(put(desk.developer, LIST, {"merge": 1}), 400)["detail"]


def test_an_issue_is_deleted_with_all_of_it_and_comes_back_as_a_new_one(desk, admin, found):
    a_stored_file(desk.project.pk, desk.event.event_id)
    assert admin.delete(f"/api/0/issues/{desk.issue.id}/").status_code == 202
    found(admin.get(f"/api/0/issues/{desk.issue.id}/"), 404)
    found(admin.get(f"/api/0/projects/main/fieldbook/events/{desk.event.event_id.hex}/"), 404)
    again, _ = a_stored_event(desk.project.pk, event(tags={"qt": "6.11"}))
    assert again.id != desk.issue.id


def test_several_issues_are_deleted_but_never_all_by_accident(desk, admin, other, found):
    assert "Say which" in found(admin.delete(LIST), 400)["detail"]
    assert admin.delete(f"{LIST}?id={desk.issue.id}").status_code == 204
    assert list(states(desk)) == [other.id]
    assert admin.delete("/api/0/organizations/main/issues/?query=is:unresolved").status_code == 204
    assert states(desk) == {}


def test_tags_tell_their_values(desk, found, other):
    put(desk.developer, f"{LIST}?id={desk.issue.id}&id={other.id}", {"merge": 1})
    base = f"/api/0/issues/{desk.issue.id}/tags/"
    by_key = {row["key"]: row for row in found(desk.viewer.get(base))}
    assert by_key["qt"]["uniqueValues"] == 2
    assert found(desk.viewer.get(f"{base}qt/")) == by_key["qt"]
    values = found(desk.viewer.get(f"{base}qt/values/"))
    assert sorted((row["value"], row["count"]) for row in values) == [("6.11", 1), ("6.12", 1)]
    found(desk.viewer.get(f"{base}nothing/"), 404)
    found(desk.viewer.get(f"{base}nothing/values/"), 404)


def test_names_and_ids_lead_to_issues_and_events(desk, found):
    place = found(desk.viewer.get(f"/api/0/organizations/main/shortids/FIELDBOOK-{desk.issue.number}/"))
    assert place["groupId"] == place["group"]["id"] == str(desk.issue.id)
    event_id = desk.event.event_id.hex
    place = found(desk.viewer.get(f"/api/0/organizations/main/eventids/{event_id}/"))
    assert (place["groupId"], place["projectSlug"]) == (str(desk.issue.id), "fieldbook")
    assert found(desk.viewer.get(f"/api/0/issues/{desk.issue.id}/events/{event_id}/"))["eventID"] == event_id
    found(desk.viewer.get("/api/0/organizations/main/shortids/FIELDBOOK-999/"), 404)
    found(desk.viewer.get("/api/0/organizations/main/shortids/nonsense/"), 404)


def test_a_period_leaves_out_what_was_not_seen_since(desk, found):
    assert found(desk.viewer.get(LIST, {"statsPeriod": "1h"})) == []
    assert found(desk.viewer.get(LIST, {"statsPeriod": "soon"}), 400)["detail"]
    assert found(desk.viewer.get(LIST, {"status": "shiny"}), 400)["detail"]

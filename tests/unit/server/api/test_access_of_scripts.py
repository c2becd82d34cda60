"""A stranger and each role at each address of the API."""

import pytest

from crashdesk.server.accounts.roles import ROLES
from support import people
from support.stored import a_stored_file


@pytest.fixture
def addresses(desk):
    file = a_stored_file(desk.project.pk, desk.event.event_id)
    project, issue, event = "projects/main/fieldbook/", f"issues/{desk.issue.id}/", desk.event.event_id.hex
    below = ["", "keys/", "issues/", "events/", f"events/{event}/", f"events/{event}/attachments/", "user-feedback/"]
    below.append(f"events/{event}/attachments/{file.id}/")
    of_issue = [issue, f"{issue}events/", f"{issue}events/latest/", f"{issue}events/oldest/"]
    return [
        *(f"/api/0/{project}{rest}" for rest in below),
        *(f"/api/0/{path}" for path in of_issue),
        *(f"/api/0/organizations/main/{path}" for path in of_issue),
    ]


@pytest.mark.parametrize("role", ROLES)
def test_every_role_reads_everything_of_its_project(desk, addresses, role):
    client = people.bearer(people.a_member("mira", desk.project.pk, role))
    for address in addresses:
        assert client.get(address).status_code == 200, address


def test_a_stranger_gets_the_answer_of_what_does_not_exist(desk, addresses):
    missing = desk.stranger.get("/api/0/issues/1/").content
    for address in addresses:
        answer = desk.stranger.get(address)
        assert (answer.status_code, answer.content) == (404, missing), address


def test_lists_hold_only_what_a_stranger_may_see(desk, found):
    assert found(desk.stranger.get("/api/0/organizations/main/issues/")) == []
    assert [row["slug"] for row in found(desk.stranger.get("/api/0/organizations/main/projects/"))] == ["elsewhere"]
    assert [row["slug"] for row in found(desk.stranger.get("/api/0/projects/"))] == ["elsewhere"]
    found(desk.stranger.get("/api/0/organizations/main/issues/", {"project": desk.project.pk}), 404)


@pytest.mark.parametrize("role", ROLES)
def test_only_roles_that_triage_change_an_issue(desk, role):
    client = people.bearer(people.a_member("mira", desk.project.pk, role))
    answer = client.put(f"/api/0/issues/{desk.issue.id}/", {"status": "ignored"}, content_type="application/json")
    assert answer.status_code == (200 if "event:write" in ROLES[role].scopes else 403)


def test_a_stranger_changes_nothing_by_id_or_by_query(desk):
    by_id = f"/api/0/issues/{desk.issue.id}/"
    own = f"/api/0/projects/main/elsewhere/issues/?id={desk.issue.id}"
    foreign = f"/api/0/projects/main/fieldbook/issues/?id={desk.issue.id}"
    for address in (by_id, own, foreign):
        answer = desk.stranger.put(address, {"status": "resolved"}, content_type="application/json")
        assert answer.status_code == 404, address
    desk.issue.refresh_from_db()
    assert desk.issue.state == "unresolved"


def test_only_who_runs_the_server_reads_its_figures(desk):
    assert desk.developer.get("/api/0/installation/stats/").status_code == 403
    assert desk.root.get("/api/0/installation/stats/").status_code == 200

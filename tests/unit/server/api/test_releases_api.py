import pytest

from crashdesk.server.events.services import note_releases
from support.rows import NOON

ORG, PROJECT = "/api/0/organizations/main/releases/", "/api/0/projects/main/fieldbook/releases/"
NEEDED = {"version", "dateCreated", "dateReleased", "url", "ref", "lastEvent", "newGroups", "projects", "lastCommit"}


def post(client, address, body):
    return client.post(address, body, content_type="application/json")


def put(client, address, body):
    return client.put(address, body, content_type="application/json")


@pytest.fixture
def release(desk, found):
    body = {
        "version": "app@1.0",
        "projects": ["fieldbook"],
        "url": "http://x.example",
        "dateStarted": "2026-03-02T00:00:00Z",
    }
    return found(post(desk.developer, ORG, body), 201)


def test_a_release_has_the_keys_that_clients_need(desk, release, found):
    assert release.keys() >= NEEDED
    assert (release["status"], release["url"], release["projects"][0]["slug"]) == (
        "open",
        "http://x.example",
        "fieldbook",
    )
    assert release["dateStarted"] == "2026-03-02T00:00:00.000000Z"
    assert found(desk.viewer.get(f"{ORG}app@1.0/")) == found(desk.viewer.get(f"{PROJECT}app@1.0/")) == release


def test_announcing_it_again_is_a_208(desk, release, found):
    assert found(post(desk.developer, PROJECT, {"version": "app@1.0"}), 208)["dateCreated"] == release["dateCreated"]


def test_a_plus_in_a_version_is_a_plus(desk, found):
    found(post(desk.developer, PROJECT, {"version": "app@1.0+7"}), 201)
    assert found(desk.viewer.get(f"{ORG}app@1.0%2B7/"))["shortVersion"] == "1.0+7"


def test_finalizing_what_nobody_announced_announces_it(desk, found):
    made = found(put(desk.developer, f"{ORG}2.0/", {"projects": ["fieldbook"], "dateReleased": "2026-03-02T12:30:00Z"}))
    assert made["dateReleased"] == "2026-03-02T12:30:00.000000Z"
    assert [row["version"] for row in found(desk.viewer.get(ORG))] == ["2.0"]


def test_what_is_set_to_null_is_taken_back(desk, release, found):
    put(desk.developer, f"{ORG}app@1.0/", {"dateReleased": "2026-03-02T12:30:00Z", "status": "archived"})
    again = found(put(desk.developer, f"{ORG}app@1.0/", {"dateReleased": None, "status": "open", "url": None}))
    assert (again["dateReleased"], again["status"], again["url"]) == (None, "open", None)


def test_seen_releases_are_listed_with_the_issues_that_began_in_them(desk, found):
    note_releases(desk.project.pk, ["fieldbook@2.4.1"], NOON)
    [row] = found(desk.viewer.get(PROJECT))
    assert (row["version"], row["firstEvent"]) == ("fieldbook@2.4.1", "2026-03-02T12:30:00.000000Z")
    assert row["newGroups"] == (1 if desk.issue.first_release == "fieldbook@2.4.1" else 0)


def test_commits_and_refs_are_told_back(desk, release, found):
    commits = [
        {"id": "c2", "repository": "r", "author_name": "Anna", "author_email": "a@x.example", "message": "Mend",
         "timestamp": "2026-03-02T12:30:00Z", "patch_set": [{"path": "a.py", "type": "M"}]},
        {"id": "c1"},
    ]  # fmt: skip
    refs = [{"repository": "r", "commit": "c2", "previousCommit": None}]
    changed = found(put(desk.developer, f"{ORG}app@1.0/", {"commits": commits, "refs": refs}))
    assert (changed["commitCount"], changed["lastCommit"]) == (2, {"id": "c2"})
    newest, oldest = found(desk.viewer.get(f"{ORG}app@1.0/commits/"))
    assert (newest["author"]["name"], newest["patchSet"][0]["path"], oldest["author"]) == ("Anna", "a.py", None)
    assert found(desk.viewer.get(f"{ORG}9.9/previous-with-commits/"))["version"] == "app@1.0"
    assert found(desk.viewer.get(f"{ORG}app@1.0/previous-with-commits/")) == {}


def test_deploys_are_told_back(desk, release, found):
    made = found(post(desk.developer, f"{ORG}app@1.0/deploys/", {"environment": "beta", "name": "first"}), 201)
    assert found(desk.viewer.get(f"{ORG}app@1.0/deploys/")) == [made]
    found(post(desk.developer, f"{ORG}9.9/deploys/", {"environment": "beta"}), 404)


def test_a_deleted_release_is_gone(desk, release, found):
    assert desk.developer.delete(f"{ORG}app@1.0/").status_code == 204
    found(desk.viewer.get(f"{ORG}app@1.0/"), 404)
    found(desk.developer.delete(f"{ORG}app@1.0/"), 404)


@pytest.mark.parametrize("body", [{}, {"version": " "}, {"version": "a/b"}, {"version": "x", "projects": [True]}])
def test_what_is_no_release_is_a_400(desk, found, body):
    assert found(post(desk.developer, PROJECT, body), 400)["detail"]


def test_a_foreign_project_cannot_be_named(desk, found):
    found(post(desk.developer, ORG, {"version": "1.0", "projects": ["elsewhere"]}), 404)


def test_the_list_is_paged_searched_and_ordered(desk, found):
    for version in ("1.10", "1.9", "1.11"):
        post(desk.developer, PROJECT, {"version": version})
    first = desk.viewer.get(ORG, {"limit": 2, "sort": "semver"})
    assert [row["version"] for row in found(first)] == ["1.11", "1.10"]
    assert 'rel="next"; results="true"; cursor="0:2:0"' in first["Link"]
    last = desk.viewer.get(ORG, {"limit": 2, "sort": "semver", "cursor": "0:2:0"})
    assert [row["version"] for row in found(last)] == ["1.9"]
    assert [row["version"] for row in found(desk.viewer.get(ORG, {"query": ".9"}))] == ["1.9"]

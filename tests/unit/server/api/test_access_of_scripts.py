"""A stranger, each role, a token without the scope and no token at all, at every call in the table of the API."""

import pytest
from django.db import transaction
from django.test import Client

from crashdesk.server.accounts.roles import ROLES, SCOPES
from crashdesk.server.api import releases
from crashdesk.server.api.operations import ANY_TOKEN, PUBLIC
from crashdesk.server.api.table import TABLE
from support import people
from support.api import Cast, call, cast

pytestmark = pytest.mark.django_db
GUARDED = [row for row in TABLE if row.scope != PUBLIC]
SCOPED = [row for row in GUARDED if row.scope != ANY_TOKEN]
OF_ALL_OWN_PROJECTS = {releases.change, releases.previous}  # below the organisation: they look in what is one's own
OF_PROJECT = [
    row
    for row in SCOPED
    if {"name", "issue_id", "event_id", "version", "short_id"} & set(row.parameters)
    and ("name" in row.parameters or row.handler not in OF_ALL_OWN_PROJECTS)
]
OF_PEOPLE = [row for row in SCOPED if not row.is_for_superusers]


def named(row):
    return f"{row.method} {row.path or '/'}"


@pytest.fixture
def scene(db, settings, tmp_path) -> Cast:
    return cast(settings, tmp_path)


@pytest.mark.parametrize("row", GUARDED, ids=named)
def test_without_a_token_nothing_is_told(row, scene):
    assert call(Client(), row, scene).status_code == 401


@pytest.mark.parametrize("row", SCOPED, ids=named)
def test_a_token_without_the_scope_is_refused(row, scene):
    client = people.bearer(scene.root, *(set(SCOPES) - {row.scope}))
    answer = call(client, row, scene)
    assert (answer.status_code, row.scope in answer.json()["detail"]) == (403, True)


@pytest.mark.parametrize("row", OF_PROJECT, ids=named)
def test_a_stranger_gets_the_answer_of_what_does_not_exist(row, scene):
    answer = call(people.bearer(scene.stranger), row, scene)
    assert (answer.status_code, answer.json()) == (404, {"detail": "The requested resource does not exist"})


@pytest.mark.parametrize("row", OF_PEOPLE, ids=named)
def test_a_role_does_what_its_scopes_say_and_no_more(row, scene):
    for role in ROLES.values():
        before = transaction.savepoint()
        answer = call(people.bearer(people.a_member("mira", scene.project.pk, role.name)), row, scene)
        expected = {row.status, *row.also} if row.scope in role.scopes else {403}
        assert answer.status_code in expected, (role.name, answer.content[:500])
        transaction.savepoint_rollback(before)


@pytest.mark.parametrize("row", [row for row in SCOPED if row.is_for_superusers], ids=named)
def test_some_calls_are_for_whoever_runs_the_server(row, scene):
    admin = people.a_member("mira", scene.project.pk, "admin")
    assert call(people.bearer(admin), row, scene).status_code == 403
    assert call(people.bearer(scene.root), row, scene).status_code == row.status


@pytest.mark.parametrize("row", [row for row in OF_PROJECT if row.method != "GET"], ids=named)
def test_what_a_stranger_tries_changes_nothing(row, scene):
    before = scene.contents()
    call(people.bearer(scene.stranger), row, scene)
    assert scene.contents() == before


def test_lists_hold_only_what_a_stranger_may_see(scene):
    client = people.bearer(scene.stranger)
    assert client.get("/api/0/organizations/main/issues/").json() == []
    assert client.get("/api/0/organizations/main/releases/").json() == []
    assert [row["slug"] for row in client.get("/api/0/projects/").json()] == ["elsewhere"]
    assert [row["slug"] for row in client.get("/api/0/organizations/main/projects/").json()] == ["elsewhere"]


@pytest.mark.parametrize("path", ["issues", "sessions", "stats_v2", "releases"])
def test_naming_a_foreign_project_is_as_good_as_naming_none(path, scene):
    query = {"project": scene.project.pk, "field": "sum(session)" if path == "sessions" else "sum(quantity)"}
    assert people.bearer(scene.stranger).get(f"/api/0/organizations/main/{path}/", query).status_code == 404


def test_a_release_of_the_same_name_is_another_one_in_another_project(scene):
    address = "/api/0/organizations/main/releases/1.0/"
    client = people.bearer(scene.stranger)
    own = client.put(address, {"status": "archived"}, content_type="application/json").json()
    assert ([row["slug"] for row in own["projects"]], own["status"]) == (["elsewhere"], "archived")
    assert people.bearer(scene.root).get("/api/0/projects/main/fieldbook/releases/1.0/").json()["status"] == "open"
    assert client.get(f"{address}previous-with-commits/").json() == {}


def test_foreign_issues_are_not_reached_through_an_own_project(scene):
    own = f"/api/0/projects/main/elsewhere/issues/?id={scene.names['issue_id']}"
    for answer in (
        people.bearer(scene.stranger).put(own, {"status": "resolved"}, content_type="application/json"),
        people.bearer(scene.stranger).delete(own),
    ):
        assert answer.status_code == 404


def test_every_call_says_what_it_does_and_has_names_that_are_explained():
    from crashdesk.server.api.parameters import IN_ADDRESS, IN_QUERY

    for row in TABLE:
        assert row.summary, named(row)
        assert set(row.parameters) <= set(IN_ADDRESS), named(row)
        assert set(row.query) <= set(IN_QUERY), named(row)
        assert row.scope in {ANY_TOKEN, PUBLIC, *SCOPES}, named(row)


def test_only_the_description_and_taking_a_report_back_need_no_token():
    assert [row.path for row in TABLE if row.scope == PUBLIC] == ["openapi.json", "withdrawals/"]

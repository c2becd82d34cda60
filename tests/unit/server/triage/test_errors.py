import pytest
from django.db import OperationalError
from django.test import Client

from crashdesk.server.projects import queries
from crashdesk.server.triage import handbook
from support import people


def test_a_missing_page_says_what_to_do(desk, text):
    page = text(desk.viewer.get("/nothing/"), 404)
    assert "There is nothing here for you" in page
    assert "ask an admin of the project" in page


def test_a_page_that_fails_tells_a_number_and_nothing_else(desk, monkeypatch, expected_logs, text):
    def fail():
        raise RuntimeError("secret /path")

    monkeypatch.setattr(handbook, "pages", fail)
    expected_logs("page failed")
    desk.viewer.raise_request_exception = False
    page = text(desk.viewer.get("/help/"), 500)
    assert "This page failed" in page
    assert "secret" not in page
    assert "Traceback" not in page


@pytest.mark.parametrize("path", ["/help/", "/api/0/organizations/"])
def test_while_the_database_is_away_pages_say_so_and_when_to_come_back(desk, monkeypatch, expected_logs, path):
    def away(*_):
        raise OperationalError("connection to server at db, user desk, failed")

    monkeypatch.setattr(handbook, "pages", away)
    monkeypatch.setattr(queries, "organisation", away)
    expected_logs("the database does not answer")
    client = people.bearer(people.a_user("root", is_superuser=True)) if "api" in path else desk.viewer
    client.raise_request_exception = False
    answer = client.get(path)
    assert (answer.status_code, answer["Retry-After"]) == (503, "60")
    assert "Reports are accepted" in answer.content.decode()
    assert "user desk" not in answer.content.decode()


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_methods_that_a_page_does_not_have_are_refused(desk, method):
    assert getattr(desk.viewer, method)("/issues/").status_code == 405


def test_a_form_without_a_token_changes_nothing(db):
    answer = Client(enforce_csrf_checks=True).post("/login/", {"login": "a@example.org", "password": "x"})
    assert answer.status_code == 403
    assert "Nothing was changed" in answer.content.decode()


def test_a_call_of_the_api_that_fails_is_answered_as_json(desk, monkeypatch, expected_logs):
    def fail(*_):
        raise RuntimeError("secret /path")

    monkeypatch.setattr(queries, "organisation", fail)
    expected_logs("page failed")
    client = people.bearer(people.a_user("root", is_superuser=True))
    client.raise_request_exception = False
    answer = client.get("/api/0/organizations/")
    assert (answer.status_code, answer["Content-Type"]) == (500, "application/json")
    assert "secret" not in answer.json()["detail"]

from datetime import timedelta

import pytest
from django.test import Client

from crashdesk import clock
from crashdesk.server.accounts import queries, services
from crashdesk.server.accounts.models import Token
from support import people


def with_header(value):
    return Client(headers={"authorization": value})


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer cdt_unknown", "Bearer \x00"])
def test_without_a_valid_token_nothing_is_told(desk, found, header):
    answer = with_header(header).get("/api/0/organizations/main/projects/")
    assert found(answer, 401)["detail"]
    assert answer["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "address",
    ["organizations/main/sessions/?field=sum(session)&environment=%00", "organizations/main/releases/a%00b/"],
)
def test_a_zero_byte_in_an_address_reaches_no_database(desk, found, address):
    assert "zero byte" in found(desk.viewer.get(f"/api/0/{address}"), 400)["detail"]


def test_a_session_of_the_pages_is_no_token(desk, found):
    found(people.signed_in(desk.dev).get("/api/0/"), 401)


def test_a_token_in_the_address_is_no_token(desk, found):
    secret = services.create_token(desk.dev, "t", ["org:read"])
    found(Client().get("/api/0/", {"token": secret}), 401)


def test_info_says_who_the_token_stands_for(desk, found):
    info = found(people.bearer(desk.dev, "event:read").get("/api/0/"))
    assert info["user"] == {"id": str(desk.dev.pk), "email": "dora@example.org", "name": "Dora"}
    assert info["auth"] == {"scopes": ["event:read"]}


def test_a_scope_that_the_token_lacks_is_named(desk, found):
    client = people.bearer(desk.dev, "org:read")
    assert "event:read" in found(client.get("/api/0/projects/main/fieldbook/issues/"), 403)["detail"]


@pytest.mark.parametrize("change", [{"is_revoked": True}, {"expires_at": clock.now() - timedelta(seconds=1)}])
def test_a_revoked_or_expired_token_is_refused(desk, found, change):
    client = people.bearer(desk.dev, "org:read")
    Token.objects.filter(user=desk.dev).update(**change)
    found(client.get("/api/0/"), 401)


def test_the_token_of_a_person_who_left_is_refused(desk, found):
    desk.dev.is_active = False
    desk.dev.save()
    found(desk.developer.get("/api/0/"), 401)


def test_a_token_does_no_more_than_the_role_of_its_person(desk, found):
    path = f"/api/0/issues/{desk.issue.id}/"
    answer = desk.viewer.put(path, {"status": "resolved"}, content_type="application/json")
    assert "permission" in found(answer, 403)["detail"]


def test_the_last_use_of_a_token_is_noted(desk):
    desk.developer.get("/api/0/")
    assert Token.objects.get(user=desk.dev).last_used_at is not None


def test_a_call_is_logged_with_the_id_of_its_token_and_without_its_secret(desk, caplog):
    caplog.set_level("INFO", "crashdesk.api")
    secret = services.create_token(desk.dev, "t", ["org:read"])
    with_header(f"Bearer {secret}").get("/api/0/organizations/")
    [record] = caplog.records
    assert record.fields == {"method": "GET", "path": "/api/0/organizations/", "credential": Token.objects.last().pk}
    assert secret not in str(record.__dict__)


def test_methods_that_an_address_does_not_have_are_refused(desk, found):
    answer = desk.developer.post(f"/api/0/issues/{desk.issue.id}/")
    assert "POST" in found(answer, 405)["detail"]
    assert answer["Allow"] == "DELETE, GET, PUT"


def test_an_unknown_address_is_answered_as_json(desk, found):
    assert found(desk.developer.get("/api/0/users/me/regions/"), 404) == {"detail": "This server has no such endpoint."}


def test_answers_carry_no_cookie_and_are_not_kept(desk):
    answer = desk.developer.get("/api/0/")
    assert not answer.cookies
    assert answer["Cache-Control"] == "private, no-store"


def test_the_secret_is_stored_only_as_a_digest(desk):
    secret = services.create_token(desk.dev, "t", ["org:read"])
    assert secret not in str(list(Token.objects.values_list()))
    assert queries.authenticate_token(secret, None, clock.now()) is not None

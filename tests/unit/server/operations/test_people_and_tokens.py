"""People and tokens as whoever runs the server handles them."""

import pytest

from crashdesk import clock
from crashdesk.errors import UsageError
from crashdesk.server.accounts import queries, services
from crashdesk.server.operations import people, tokens
from crashdesk.server.projects.models import Project


@pytest.fixture
def ann():
    return services.create_user("ann@example.org", "a long password")


def order(**changes):
    return tokens.Order(
        **{"email": "ann@example.org", "scopes": ("event:read",), "label": "ci", "days": None, **changes}
    )


def test_people_are_listed_with_their_roles(data, ann):
    services.set_role(ann, Project.objects.get().pk, "support")
    assert people.listed(data) == [
        {"email": "ann@example.org", "active": True, "everywhere": False, "roles": ["fieldbook:support"]}
    ]


def test_a_password_is_changed(data, ann):
    people.set_password(data, "ANN@example.org", "another password")
    assert people.found("ann@example.org").check_password("another password")


def test_a_disabled_person_and_their_tokens_are_kept_out(data, ann):
    secret = tokens.add(data, order())["token"]
    people.switch(data, "ann@example.org", is_active=False)
    assert queries.authenticate_token(secret, None, clock.now()) is None
    assert tokens.listed(data, None)[0]["state"] == "disabled"
    people.switch(data, "ann@example.org", is_active=True)
    assert queries.authenticate_token(secret, None, clock.now()) is not None


def test_a_revoked_token_is_refused_and_listed_as_such(data, ann):
    secret = tokens.add(data, order())["token"]
    (row,) = tokens.listed(data, "ann@example.org")
    assert tokens.revoke(data, row["id"])["state"] == "revoked"
    assert queries.authenticate_token(secret, None, clock.now()) is None
    assert tokens.listed(data, None)[0]["state"] == "revoked"


def test_a_list_of_tokens_holds_no_secret(data, ann):
    secret = tokens.add(data, order())["token"]
    assert secret not in str(tokens.listed(data, None))


def test_a_token_may_end_on_a_day(data, ann):
    assert tokens.add(data, order(days=90))["expires_at"] > clock.now().isoformat()
    with pytest.raises(UsageError, match="1 to 3650 days"):
        tokens.add(data, order(days=0))


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda data: people.set_password(data, "bob@example.org", "long enough"), "no account for bob@example.org"),
        (lambda data: tokens.revoke(data, 999), "no token 999: crashdesk server token list"),
        (lambda data: tokens.listed(data, "bob@example.org"), "no account for bob"),
    ],
)
def test_who_or_what_is_not_there_is_said(data, call, sentence):
    with pytest.raises(UsageError, match=sentence):
        call(data)

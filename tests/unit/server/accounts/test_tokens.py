"""Tokens: the secret is shown once and kept as a digest; unknown, revoked and expired ones look the same."""

from datetime import timedelta

import pytest

from crashdesk import clock
from crashdesk.errors import UsageError
from crashdesk.server.accounts import queries, services
from crashdesk.server.accounts.models import Token, User

pytestmark = pytest.mark.django_db
NOW = clock.now()


@pytest.fixture
def greta() -> User:
    return services.create_user("greta@example.org", "long enough")


@pytest.fixture
def secret(greta) -> str:
    return services.create_token(greta, "script", ["event:read", "event:write"], expires_at=NOW + timedelta(days=1))


def test_the_secret_is_recognisable_and_not_kept(secret):
    assert secret.startswith("cdt_")
    assert len(secret) == 68
    kept = Token.objects.values().get()
    assert secret not in str(kept)
    assert secret.removeprefix("cdt_") not in str(kept)


def test_the_secret_brings_its_person_and_scopes(secret, greta):
    token = queries.authenticate_token(secret, "event:read", NOW)
    assert (token.user, token.scopes) == (greta, ["event:read", "event:write"])


def test_a_scope_the_token_lacks_lets_nothing_through(secret):
    assert queries.authenticate_token(secret, "org:admin", NOW) is None
    assert queries.authenticate_token(secret, None, NOW) is not None


@pytest.mark.parametrize("wrong", ["", "cdt_", "cdt_" + "0" * 64, "\ud800", "' OR 1=1 --"])
def test_an_unknown_secret_lets_nothing_through(secret, wrong):
    assert queries.authenticate_token(wrong, None, NOW) is None


def test_a_token_expires(secret):
    assert queries.authenticate_token(secret, None, NOW + timedelta(days=1)) is None


def test_a_revoked_token_lets_nothing_through(secret):
    services.revoke_token(Token.objects.get())
    assert queries.authenticate_token(secret, None, NOW) is None


def test_the_token_of_who_may_no_longer_sign_in_lets_nothing_through(secret):
    User.objects.update(is_active=False)
    assert queries.authenticate_token(secret, None, NOW) is None


@pytest.mark.parametrize("scopes", [[], ["event:read", "world:rule"]])
def test_a_token_needs_scopes_that_exist(greta, scopes):
    with pytest.raises(UsageError, match="needs scopes out of event:read"):
        services.create_token(greta, "script", scopes)


def test_use_is_noted_to_the_minute(secret):
    services.note_use_of(Token.objects.get(), NOW)
    services.note_use_of(Token.objects.get(), NOW + timedelta(seconds=30))
    assert Token.objects.get().last_used_at == NOW
    services.note_use_of(Token.objects.get(), NOW + timedelta(seconds=60))
    assert Token.objects.get().last_used_at == NOW + timedelta(seconds=60)

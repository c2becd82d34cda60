"""A small cast for permission tests: who may do all, who may read, who may see nothing; each as a signed-in client."""

from django.test import Client

from crashdesk.server.accounts import queries, services
from crashdesk.server.accounts.models import User
from crashdesk.server.accounts.roles import ROLES

PASSWORD = "correct horse battery"


def a_user(name: str, *, is_superuser: bool = False) -> User:
    """Create a person, or return the one who is there."""
    email = f"{name}@example.org"
    return queries.user_with_email(email) or services.create_user(
        email, PASSWORD, name=name.title(), is_superuser=is_superuser
    )


def a_member(name: str, project_id: int, role: str) -> User:
    assert role in ROLES
    user = a_user(name)
    services.set_role(user, project_id, role)
    return user


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def bearer(user: User, *scopes: str) -> Client:
    """Return a client that calls with a token of this person; without scopes it has them all."""
    secret = services.create_token(user, "test", scopes or ROLES["admin"].scopes)
    return Client(headers={"authorization": f"Bearer {secret}"})

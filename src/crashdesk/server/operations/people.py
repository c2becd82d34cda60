"""People: a list of them, another password, and keeping somebody out."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from crashdesk.errors import UsageError
from crashdesk.server.administration import start_on

if TYPE_CHECKING:
    from crashdesk.server.accounts.models import User


def listed(data: Path) -> list[dict[str, Any]]:
    """Return each person with their roles as ``project:role``."""
    start_on(data)
    from crashdesk.server.accounts import queries  # after Django's start, as all below

    return [
        {"email": user.email, "active": user.is_active, "everywhere": user.is_superuser, "roles": roles}
        for user, roles in queries.people_and_roles()
    ]


def set_password(data: Path, email: str, password: str) -> dict[str, Any]:
    """Give a person another password; their sessions end, their tokens stay."""
    start_on(data)
    from crashdesk.server.accounts import services

    user = found(email)
    services.set_password(user, password)
    return {"email": user.email, "password": "changed"}


def switch(data: Path, email: str, *, is_active: bool) -> dict[str, Any]:
    """Keep a person and their tokens out, or let them in again."""
    start_on(data)
    from crashdesk.server.accounts import services

    user = found(email)
    services.switch_user(user, is_active=is_active)
    return {"email": user.email, "active": is_active}


def found(email: str) -> "User":
    """Return the person with this address; raises UsageError when there is none. Django must be ready."""
    from crashdesk.server.accounts import queries

    user = queries.user_with_email(email)
    if user is None:
        raise UsageError(f"There is no account for {email}: crashdesk server user list shows those that exist.")
    return user

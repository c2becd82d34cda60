"""Tokens of scripts: with a day on which they end, a list without secrets, and revoking."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from crashdesk import clock
from crashdesk.errors import UsageError
from crashdesk.server.administration import start_on
from crashdesk.server.operations import people

MOST_DAYS = 3650


@dataclass(frozen=True, slots=True)
class Order:
    """Whose token, what it may do, its name, and for how many days; None is until it is revoked."""

    email: str
    scopes: tuple[str, ...]
    label: str
    days: int | None


def add(data: Path, order: Order) -> dict[str, Any]:
    """Give a person's scripts a token; its secret is in the answer and nowhere else."""
    start_on(data)
    from crashdesk.server.accounts import services  # after Django's start, as all below

    if order.days is not None and not 1 <= order.days <= MOST_DAYS:
        raise UsageError(f"A token is valid for 1 to {MOST_DAYS} days: change --days, or leave it out.")
    user = people.found(order.email)
    expires_at = clock.now() + timedelta(days=order.days) if order.days else None
    secret = services.create_token(user, order.label, order.scopes, expires_at=expires_at)
    answer: dict[str, Any] = {"token": secret, "user": user.email, "scopes": sorted(set(order.scopes))}
    return answer | ({"expires_at": expires_at.isoformat(timespec="seconds")} if expires_at else {})


def listed(data: Path, email: str | None) -> list[dict[str, Any]]:
    """Return the tokens of a person, or of all, without their secrets."""
    start_on(data)
    from crashdesk.server.accounts import queries

    now = clock.now()
    return [
        {
            "id": token.pk,
            "user": token.user.email,
            "label": token.label,
            "scopes": list(token.scopes),
            "state": queries.state_of(token, now),
            "last_used_at": token.last_used_at.isoformat(timespec="seconds") if token.last_used_at else None,
        }
        for token in queries.tokens_of(people.found(email) if email else None)
    ]


def revoke(data: Path, token_id: int) -> dict[str, Any]:
    """Refuse a token from now on."""
    start_on(data)
    from crashdesk.server.accounts import queries, services

    token = queries.token_with_id(token_id)
    if token is None:
        raise UsageError(f"There is no token {token_id}: crashdesk server token list shows those that exist.")
    services.revoke_token(token)
    return {"id": token.pk, "user": token.user.email, "state": "revoked"}

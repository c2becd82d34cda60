"""A random number that tells this installation from others: so that users are counted without anybody being named.

It is made here, kept in the outbox beside the reports, belongs to one product and one user of the machine, and goes
with everything else when the outbox is deleted. A user that the product has named takes its place.
"""

import uuid
from typing import Any

from crashdesk.outbox.facts import INSTALLATION
from crashdesk.protocol import foreign
from crashdesk.sdk.keeping import Keeper


def user_of(event: dict[str, Any], keeper: Keeper) -> dict[str, Any]:
    """Return the event's user with an id: the product's own, else this installation's number."""
    user = dict(foreign.mapping(event.get("user")))
    if any(user.get(name) for name in ("id", "email", "username")):
        return user
    number = _number(keeper)
    return {**user, "id": number} if number else user


def _number(keeper: Keeper) -> str | None:
    known = keeper.fact(INSTALLATION)
    if known is None:
        keeper.set_fact(INSTALLATION, f"installation-{uuid.uuid4().hex}")
        known = keeper.fact(INSTALLATION)
    return known if isinstance(known, str) else None

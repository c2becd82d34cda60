"""Digests of users: the same for the same user of a project, and nobody can tell from one who it is."""

import hashlib

DIGITS = 16
USER_FIELDS = ("id", "email", "username", "ip_address")  # the first that an event says is who its user is


def digest_of(project_id: int, field: str, text: str) -> str:
    """Return the digest of a user whom `field` names as `text`; runs of the product name theirs as ``id``."""
    told = f"{project_id}\0{field}\0{text}".encode("utf-8", "replace")
    return hashlib.sha256(told).hexdigest()[:DIGITS]

"""Withdrawal: a random secret stays with the person, the report carries its digest; who shows it may take that back."""

import os
import re
from hashlib import sha256

_DIGEST = re.compile(r"[0-9a-f]{64}")


def new_secret() -> str:
    """Return a fresh secret, for one report only."""
    return os.urandom(32).hex()


def digest_of(secret: str) -> str:
    """Return what the report carries as ``withdrawal_digest``."""
    return sha256(secret.encode()).hexdigest()


def read_digest(value: object) -> str:
    """Return the digest that a report names; an empty text for anything else."""
    return value if isinstance(value, str) and _DIGEST.fullmatch(value) else ""

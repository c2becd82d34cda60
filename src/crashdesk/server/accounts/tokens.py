"""The secret of a token: how it is made, and the digest that is kept in its place."""

import hashlib
import secrets

PREFIX = "cdt_"  # lets people and secret scanners recognise a token


def new_secret() -> str:
    """Return a fresh secret of 256 random bits, which is why one plain hash of it is enough."""
    return PREFIX + secrets.token_hex(32)


def digest_of(secret: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()

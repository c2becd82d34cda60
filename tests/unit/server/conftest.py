"""What holds for the tests of the server."""

import pytest


@pytest.fixture(autouse=True)
def _quick_passwords(settings) -> None:
    """Hash passwords fast: the slowness that is right for people would be most of these tests' time."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

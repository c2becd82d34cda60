"""The secret of one start, by which the web process knows that the collector speaks: how it travels, named once."""

from crashdesk import settings

VARIABLE = "CRASHDESK_PROXY_SECRET"  # made by the supervisor for its children, not a setting
HEADER = b"x-crashdesk-proxy"
WSGI_NAME = "HTTP_" + HEADER.decode("ascii").upper().replace("-", "_")


def read() -> str:
    """Return the secret of this start; empty where no supervisor has given one."""
    return settings.environment(VARIABLE) or ""

"""Release and environment as the tables keep them: trimmed, one line, within their columns."""

from crashdesk.protocol import foreign
from crashdesk.server.processor.draft import Draft

NAME = "release"
RELEASE_LIMIT, ENVIRONMENT_LIMIT = 200, 64


def apply(draft: Draft) -> None:
    """Set `release` and `environment`, empty where the client names none."""
    draft.release = line(draft.payload.get("release"), RELEASE_LIMIT)
    draft.environment = line(draft.payload.get("environment"), ENVIRONMENT_LIMIT)


def line(value: object, limit: int) -> str:
    """Return text on one line, trimmed and cut to `limit` characters."""
    return " ".join((foreign.text(value) or "").split())[:limit]

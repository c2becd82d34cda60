"""One breadcrumb: bounded when it is made, so that the trail is small whatever the host says."""

from collections.abc import Mapping
from typing import Any

MESSAGE_CHARACTERS = 1000
DATA_ENTRIES = 20
DATA_CHARACTERS = 300


def made(
    message: str,
    at: float,
    category: str = "product",
    level: str = "info",
    kind: str = "default",
    data: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return a breadcrumb as events carry it; `kind` is Sentry's type, such as ``user`` or ``navigation``."""
    crumb: dict[str, Any] = {
        "timestamp": at,
        "type": kind,
        "category": str(category)[:100],
        "level": level,
        "message": str(message)[:MESSAGE_CHARACTERS],
    }
    if data:
        crumb["data"] = {str(name): _bounded(value) for name, value in list(data.items())[:DATA_ENTRIES]}
    return crumb


def _bounded(value: Any) -> Any:
    """Numbers and truth values as they are, all else as short text."""
    return value if value is None or isinstance(value, bool | int | float) else str(value)[:DATA_CHARACTERS]

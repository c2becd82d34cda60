"""The trail: breadcrumbs built within bounds, a table of their categories, merging and trimming."""

from collections.abc import Mapping, Sequence
from typing import Any

MAX_BREADCRUMBS = 100
MAX_MESSAGE_CHARS = 1000
MAX_CATEGORY_CHARS = 100
MAX_DATA_FIELDS = 20
MAX_DATA_CHARS = 300

REPEATED = "repeated"  # in `data`: how often the same step came in a row

CATEGORIES: dict[str, str] = {
    "ui.click": "A press on a part of a window.",
    "ui.menu": "An entry chosen in a menu.",
    "ui.shortcut": "A keyboard shortcut.",
    "ui.key": "A key that acts, such as Return or Delete.",
    "ui.type": "Text typed into a part of a window: how many keys, never which.",
    "ui.window": "A window or dialogue that opened or closed.",
    "qt": "A message of the toolkit.",
    "log": "A log record of the program.",
    "product": "A step that the program's makers recorded.",
    "navigation": "A change of place within the program.",
    "http": "A request to a server, without its contents.",
    "file": "A file opened or saved, by kind and size.",
}

Breadcrumb = dict[str, Any]


def breadcrumb(
    message: str,
    at: float,
    category: str = "product",
    level: str = "info",
    kind: str = "default",
    data: Mapping[str, Any] | None = None,
) -> Breadcrumb:
    """Build a step that happened `at` (seconds since 1970); `kind` is Sentry's type, such as ``user``."""
    crumb: Breadcrumb = {
        "timestamp": at,
        "type": kind,
        "category": str(category)[:MAX_CATEGORY_CHARS],
        "level": level,
        "message": _cut(str(message), MAX_MESSAGE_CHARS),
    }
    if data:
        crumb["data"] = {str(name): _bounded(value) for name, value in list(data.items())[:MAX_DATA_FIELDS]}
    return crumb


def category_description(category: str) -> str:
    """Return the sentence for a category or the group before its first dot; an empty text for an unknown one."""
    return CATEGORIES.get(category) or CATEGORIES.get(category.partition(".")[0], "")


def merged(crumbs: Sequence[Breadcrumb]) -> list[Breadcrumb]:
    """Return the trail with equal steps in a row as one, which says how often and keeps the time of the last."""
    result: list[Breadcrumb] = []
    for crumb in crumbs:
        if result and _step(result[-1]) == _step(crumb):
            times = _times(result[-1]) + _times(crumb)
            result[-1] = {**crumb, "data": {**_data(crumb), REPEATED: times}}
        else:
            result.append(crumb)
    return result


def trim(crumbs: Sequence[Breadcrumb], limit: int = MAX_BREADCRUMBS) -> list[Breadcrumb]:
    """Return the newest `limit` steps, oldest first, equal ones in a row merged."""
    return merged(crumbs)[-limit:] if limit > 0 else []


def _step(crumb: Breadcrumb) -> tuple[Any, ...]:
    data = {name: value for name, value in _data(crumb).items() if name != REPEATED}
    return crumb.get("category"), crumb.get("type"), crumb.get("level"), crumb.get("message"), data


def _times(crumb: Breadcrumb) -> int:
    times = _data(crumb).get(REPEATED, 1)
    return times if isinstance(times, int) else 1


def _data(crumb: Breadcrumb) -> Mapping[str, Any]:
    data = crumb.get("data")
    return data if isinstance(data, Mapping) else {}


def _bounded(value: Any) -> Any:
    """Numbers and truth values stay, all else becomes short text."""
    return value if value is None or isinstance(value, bool | int | float) else _cut(str(value), MAX_DATA_CHARS)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"

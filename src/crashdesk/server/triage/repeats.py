"""Steps that say the same: neighbours become one, and what the toolkit repeats is said once, where it came last."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from crashdesk.protocol.trail import REPEATED, merged
from crashdesk.server.grouping.reading import mapping, text

Crumb = Mapping[str, Any]
_TOOLKIT = "qt"
_KEPT_LEVELS = frozenset({"error", "fatal"})  # rare, and telling wherever they stand


def told_once(crumbs: Sequence[Crumb]) -> list[tuple[Crumb, str]]:
    """Return the steps that are left, oldest first, each with a note on how often it came: empty for once."""
    neighbours = merged([dict(crumb) for crumb in crumbs])
    places = Counter(_said(crumb) for crumb in neighbours if _is_noise(crumb))
    times = _sums(crumb for crumb in neighbours if _is_noise(crumb))
    found: list[tuple[Crumb, str]] = []
    for crumb in reversed(neighbours):  # the last of the toolkit's equal lines may be the one that tells why
        said = _said(crumb)
        if not _is_noise(crumb) or places[said] == 1:
            found.append((crumb, _note(_times(crumb))))
        elif said in times:
            found.append((crumb, _note(times.pop(said), " in this trail")))
    return found[::-1]


def _is_noise(crumb: Crumb) -> bool:
    category = text(crumb.get("category"))
    is_toolkit = category == _TOOLKIT or category.startswith(f"{_TOOLKIT}.")
    return is_toolkit and text(crumb.get("level")) not in _KEPT_LEVELS


def _said(crumb: Crumb) -> tuple[str, str, str]:
    return text(crumb.get("category")), text(crumb.get("level")), text(crumb.get("message"))


def _sums(crumbs: Iterable[Crumb]) -> Counter[tuple[str, str, str]]:
    found: Counter[tuple[str, str, str]] = Counter()
    for crumb in crumbs:
        found[_said(crumb)] += _times(crumb)
    return found


def _times(crumb: Crumb) -> int:
    times = mapping(crumb.get("data")).get(REPEATED)
    return times if isinstance(times, int) and not isinstance(times, bool) else 1


def _note(times: int, where: str = "") -> str:
    return f" ({times} times{where})" if times > 1 else ""

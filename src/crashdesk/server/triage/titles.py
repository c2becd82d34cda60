"""How an issue is called on pages: type and place first, the message after."""

import re

from crashdesk.server.issues.queries import Issue

_NATIVE = re.compile(r"\+0x[0-9a-fA-F]+$")  # libffi.so.8+0x6f7a: its dots divide nothing
_NAMELESS = frozenset({"?", "<anonymous>", "<unknown>"})


def title(issue: Issue) -> str:
    """Return ``TypeError in filter_rows``; the message itself where there is no type."""
    function = _function(issue.culprit)
    if not issue.type:
        return issue.value.partition("\n")[0] or issue.culprit or "Event without words"
    return f"{issue.type} in {function}" if function else issue.type


def _function(culprit: str) -> str:
    """Return the last part of what ran; of native code module and offset, of nameless code its file."""
    place, _, function = culprit.rpartition(" in ")
    if _NATIVE.search(function):
        return function.rpartition("/")[2]
    return place.rpartition("/")[2] if place and function in _NAMELESS else function.rpartition(".")[2]


def message(issue: Issue) -> str:
    """Return what stands after the title; nothing when the title says it already."""
    return issue.value if issue.type else issue.value.partition("\n")[2]

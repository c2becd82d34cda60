"""Undo: what the last change did to each issue, kept in the session until the next page offers to take it back."""

from dataclasses import asdict, dataclass, field

from django.http import HttpRequest

_KEY = "undo"


@dataclass
class Undo:
    """One sentence on what was done, and a step ``NAME:state:before`` or ``NAME:assignee:id`` for each issue."""

    said: str
    steps: list[str] = field(default_factory=list)


def offer(request: HttpRequest, undo: Undo) -> None:
    """Let the next page offer to take back `undo`."""
    request.session[_KEY] = asdict(undo)


def taken(request: HttpRequest) -> Undo | None:
    """Return what may be undone, once."""
    kept = request.session.pop(_KEY, None)
    return Undo(**kept) if kept else None

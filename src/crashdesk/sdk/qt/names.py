"""Names of widgets in the trail: a path that survives layout changes, and words that never hold what a person typed."""

import re
from typing import Any

_USERS_OWN = re.compile(r"[/\\@]|\.\w{2,4}$|\d{3,}|^.{41,}$")
"""What a label looks like when it shows the person's own things: paths, addresses, file names, numbers, long texts."""


def segment(widget: Any) -> str:
    """One part of a path: ``#name``, else the class, with its place among equal siblings."""
    name = widget.objectName()
    if name and not name.startswith("qt_"):
        return f"#{name}"
    kind = type(widget).__name__
    parent = None if widget.isWindow() else widget.parentWidget()
    if parent is None:
        return kind
    same = [child for child in parent.children() if type(child).__name__ == kind]
    return f"{kind}[{same.index(widget)}]" if len(same) > 1 else kind


def path(widget: Any) -> str:
    """Return the widget's path from the nearest named one above it."""
    parts: list[str] = []
    while widget is not None:
        parts.append(segment(widget))
        if parts[-1].startswith("#"):
            break
        widget = None if widget.isWindow() else widget.parentWidget()
    return "/".join(reversed(parts))


def spoken(widget: Any) -> str:
    """Return a word for people: the label of a button, the name for screen readers, the object's name, the class."""
    label = plain(widget.text()) if _is_button(widget) else plain(widget.accessibleName())
    return label or widget.objectName() or type(widget).__name__


def action_name(action: Any) -> str:
    """Name a menu action: its label unless that may be the person's own (a recent file), else its object's name."""
    if action.isSeparator():
        return "separator"
    label = "" if action.data() is not None else plain(action.text())
    return label or action.objectName() or "an entry"


def plain(label: str) -> str:
    """Return a label without its mnemonic, or nothing when it may hold what the person typed."""
    text = label.replace("&", "").partition("\t")[0].strip()
    return "" if _USERS_OWN.search(text) else text


def _is_button(widget: Any) -> bool:
    return hasattr(widget, "isCheckable") and hasattr(widget, "text")

"""Which frames are the product's own: not the standard library, not installed packages, not us."""

import os
from collections.abc import Iterable, Mapping
from typing import Any

from crashdesk.protocol import foreign
from crashdesk.sdk.options import OURS

_LIBRARY = os.path.dirname(os.__file__)  # noqa: PTH120 - a text is compared, for every frame
_INSTALLED = ("site-packages", "dist-packages")


def is_own(frame: Mapping[str, Any], include: Iterable[str]) -> bool:
    """Whether a frame counts as the product's own code; `include` names packages that always do."""
    module = str(frame.get("module") or "")
    if _belongs(module, OURS):
        return False
    if _belongs(module, include):
        return True
    path = str(frame.get("abs_path") or frame.get("filename") or "")
    if not path or path.startswith("<") or path == "???":
        return False
    parts = path.replace("\\", "/")
    if any(f"/{folder}/" in parts for folder in _INSTALLED):
        return False
    return not parts.startswith(_LIBRARY.replace("\\", "/") + "/")


def mark_frames(event: dict[str, Any], include: Iterable[str]) -> None:
    """Set ``in_app`` on every frame of the event."""
    include = tuple(include)
    for frame in frames_of(event):
        frame["in_app"] = is_own(frame, include)


def frames_of(event: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    """Yield every frame of an event's exceptions and threads."""
    for part in ("exception", "threads"):
        for value in foreign.mappings(event.get(part)):
            stack = value.get("stacktrace")
            frames = stack.get("frames") if isinstance(stack, dict) else None
            yield from (frame for frame in frames or () if isinstance(frame, dict))


def module_of(path: str, search_path: Iterable[str]) -> str | None:
    """Return the dotted module name of a source file, by the import path it lies below; the longest wins."""
    roots = sorted((root.rstrip("/\\") for root in search_path if root), key=len, reverse=True)
    root = next((root for root in roots if path.startswith((root + "/", root + "\\"))), None)
    if root is None or not path.endswith(".py"):
        return None
    parts = path[len(root) + 1 : -3].replace("\\", "/").split("/")
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _belongs(module: str, packages: Iterable[str]) -> bool:
    return any(module == package or module.startswith(package + ".") for package in packages)

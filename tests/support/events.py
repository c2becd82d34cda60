"""Builders of events as SDKs send them; each test names only what it is about."""

from typing import Any
from uuid import uuid4

APP = "/opt/fieldbook/fieldbook"
LIBRARY = "/opt/fieldbook/venv/lib/python3.11/site-packages"


def frame(module: str, function: str, **more: Any) -> dict[str, Any]:
    """Build a frame of the product; its path follows from the module."""
    path = more.pop("abs_path", f"/opt/fieldbook/{module.replace('.', '/')}.py")
    return {
        "module": module,
        "function": function,
        "abs_path": path,
        "filename": path,
        "lineno": 10,
        "in_app": True,
        **more,
    }


def library_frame(module: str, function: str, **more: Any) -> dict[str, Any]:
    """Build a frame of a library that was installed beside the product."""
    path = f"{LIBRARY}/{module.replace('.', '/')}.py"
    return frame(module, function, **{"abs_path": path, "in_app": False, **more})


def raised(
    type_: str = "KeyError", value: str = "'x'", frames: list[dict[str, Any]] | None = None, **more: Any
) -> dict[str, Any]:
    """Build one exception of a chain."""
    stack = frames if frames is not None else [frame("fieldbook.app", "main"), frame("fieldbook.table", "filter_rows")]
    return {"type": type_, "value": value, "module": None, "stacktrace": {"frames": stack}, **more}


def event(*chain: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Build an event with a chain of exceptions, oldest first; without one it gets a usual one."""
    return {
        "event_id": uuid4().hex,
        "platform": "python",
        "level": "error",
        "release": "fieldbook@2.4.0",
        "environment": "production",
        "timestamp": 1_767_225_600.0,
        "exception": {"values": list(chain) or [raised()]},
        **more,
    }


def message(text: str, **more: Any) -> dict[str, Any]:
    """Build an event without an exception."""
    found = event(message=text, level="info", **more)
    del found["exception"]
    return found

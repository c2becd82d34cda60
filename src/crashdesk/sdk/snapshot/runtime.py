"""The interpreter and this process: version, threads, memory, uptime, installed distributions."""

import os
import platform
import sys
import threading
from typing import Any

from crashdesk import clock

MOST_DISTRIBUTIONS = 400
_STARTED = clock.monotonic()


def runtime() -> dict[str, Any]:
    """Describe the Python that runs the product."""
    return {
        "name": platform.python_implementation(),
        "version": platform.python_version(),
        "build": sys.version.partition("[")[0].strip(),
        "frozen": bool(getattr(sys, "frozen", False)),
    }


def process() -> dict[str, Any]:
    """Memory, threads, open files and age of the process; no arguments, no name of the machine."""
    facts: dict[str, Any] = {
        "uptime_seconds": round(clock.monotonic() - _STARTED, 1),
        "threads": threading.active_count(),
        "modules_loaded": len(sys.modules),
    }
    facts.update(_linux_process() if sys.platform == "linux" else {})
    return facts


def distributions() -> dict[str, str]:
    """Names and versions of what is installed, from folder names alone: a thousandth of importlib.metadata's time."""
    found: dict[str, str] = {}
    for folder in dict.fromkeys(sys.path):
        if "-packages" not in folder:
            continue
        for name in _names(folder):
            if name.endswith((".dist-info", ".egg-info")) and "-" in name:
                package, _, version = name.rpartition(".")[0].partition("-")
                found.setdefault(package.lower().replace("_", "-"), version.partition("-py")[0])
    return dict(sorted(found.items())[:MOST_DISTRIBUTIONS])


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208 - names only, at each crash
    except OSError:
        return []


def _linux_process() -> dict[str, Any]:
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - a kernel file, read at each crash
        pages = int(file.read().split()[1])
    return {
        "resident_bytes": pages * os.sysconf("SC_PAGE_SIZE"),
        "open_files": len(os.listdir("/proc/self/fd")),  # noqa: PTH208 - as above
    }

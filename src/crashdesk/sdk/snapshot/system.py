"""The machine: operating system, hardware, language and time zone, kind of desktop session."""

import locale
import os
import platform
import sys
import time
from typing import Any

from crashdesk import settings

SESSION_VARIABLES = ("XDG_SESSION_TYPE", "XDG_CURRENT_DESKTOP", "DESKTOP_SESSION", "QT_QPA_PLATFORM", "LANG", "LC_ALL")
"""Environment variables that may be read; no other one is."""


def operating_system() -> dict[str, Any]:
    """Name, version and kernel of the operating system."""
    release = _linux_release() if sys.platform == "linux" else {}
    return _present(
        name=release.get("NAME") or platform.system(),
        version=release.get("VERSION_ID") or _version(),
        kernel_version=platform.release() if sys.platform != "win32" else None,
        build=platform.version() if sys.platform == "win32" else None,
    )


def device() -> dict[str, Any]:
    """Architecture, processors, memory and free disk space."""
    total, free = _memory()
    return _present(
        arch=platform.machine(),
        processor_count=os.cpu_count(),
        cpu_description=_processor(),
        memory_size=total,
        free_memory=free,
        free_storage=_free_storage(),
    )


def culture() -> dict[str, Any]:
    """Language and time zone, and whether the clock runs by 24 hours is left to the reader."""
    language = (locale.getlocale()[0] or settings.environment("LANG") or "").partition(".")[0]
    return _present(locale=language or None, timezone=time.tzname[time.localtime().tm_isdst > 0])


def display_session() -> dict[str, Any]:
    """Kind of session and desktop."""
    return _present(**{name.lower(): settings.environment(name) for name in SESSION_VARIABLES[:3]})


def environment_variables() -> dict[str, Any]:
    """Read the few variables that change how a program looks and reads."""
    return _present(**{name: settings.environment(name) for name in SESSION_VARIABLES[3:]})


def _linux_release() -> dict[str, str]:
    try:
        return platform.freedesktop_os_release()
    except OSError:
        return {}


def _version() -> str:
    return platform.mac_ver()[0] if sys.platform == "darwin" else platform.release()


def _memory() -> tuple[int | None, int | None]:
    """Total and available memory in bytes."""
    try:
        with open("/proc/meminfo", encoding="ascii") as file:  # noqa: PTH123 - a kernel file, read at each crash
            lines = dict(line.split(":", 1) for line in file if ":" in line)
        return _kilobytes(lines["MemTotal"]), _kilobytes(lines["MemAvailable"])
    except (OSError, KeyError, ValueError):
        return None, None


def _kilobytes(text: str) -> int:
    return int(text.split(maxsplit=1)[0]) * 1024


def _processor() -> str | None:
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:  # noqa: PTH123 - as above
            head = file.read(4096)
    except OSError:
        return platform.processor() or None
    return next((line.split(":", 1)[1].strip() for line in head.splitlines() if line.startswith("model name")), None)


def _free_storage() -> int | None:
    if not hasattr(os, "statvfs"):
        return None
    facts = os.statvfs(os.path.expanduser("~"))  # noqa: PTH111 - Path.home() raises where there is none
    return facts.f_bavail * facts.f_frsize


def _present(**facts: Any) -> dict[str, Any]:
    return {name: fact for name, fact in facts.items() if fact not in (None, "")}

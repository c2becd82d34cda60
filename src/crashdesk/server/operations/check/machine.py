"""The machine: disk, permissions, clock, and whether the server's parts run."""

import os
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from django.db import connection

from crashdesk import clock
from crashdesk.server.collector.limits import limit
from crashdesk.server.events.ids import time_of
from crashdesk.server.events.models import Event
from crashdesk.server.installation import status_of
from crashdesk.server.operations.check.finding import ERROR, NOTE, OK, WARNING, Finding, Surroundings

_AHEAD = timedelta(seconds=60)
_SCARCE = 5  # times the reserve: worth a warning before reports are refused


def disk(name: str, around: Surroundings) -> Iterator[Finding]:
    """Say how much room there is, and whether reports are refused for the lack of it."""
    free = shutil.disk_usage(around.server.data).free
    what = f"{free / 1e9:.1f} GB free"
    if free < limit("reserve_bytes"):
        yield Finding(ERROR, name, f"{what}: reports are refused.", "Free some space; nothing needs a restart.")
    elif free < _SCARCE * limit("reserve_bytes"):
        yield Finding(WARNING, name, f"{what}: little is left.", "Free some space, or let retention keep less.")
    else:
        yield Finding(OK, name, what)


def permissions(name: str, around: Surroundings) -> Iterator[Finding]:
    """Say which files are not ours, or open to others."""
    wrong = [path for path in _all_files(around.server.data) if _is_open_or_foreign(path)]
    if not wrong:
        yield Finding(OK, name, "all files are private")
        return
    some = ", ".join(str(path.relative_to(around.server.data)) for path in wrong[:3])
    advice = f"Run chmod -R go= {around.server.data} as the user that the server runs as."
    yield Finding(ERROR, name, f"{len(wrong)} files are foreign or open to other users: {some}.", advice)


def time(name: str, around: Surroundings) -> Iterator[Finding]:
    """Compare the clock with that of PostgreSQL, and with the newest event stored."""
    del around
    now = clock.now()
    newest = Event.objects.order_by("-id").values_list("id", flat=True).first()
    if newest is not None and time_of(newest) > now + _AHEAD:
        what = f"The newest event was stored at {time_of(newest):%Y-%m-%d %H:%M:%S}, which has not been yet."
        yield Finding(WARNING, name, what, "The clock of a node was or is wrong: let it be set by NTP.")
    elif connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
            apart = abs(float((cursor.fetchone() or [0])[0]) - now.timestamp())
        severity, advice = (WARNING, "Let both be set by NTP.") if apart > _AHEAD.total_seconds() else (OK, "")
        yield Finding(severity, name, f"{apart:.1f} s apart from PostgreSQL's", advice)
    else:
        yield Finding(OK, name, f"{now:%Y-%m-%d %H:%M:%S} UTC")


def parts(name: str, around: Surroundings) -> Iterator[Finding]:
    """Say which parts run here, and which fall again and again."""
    found = status_of(around.server.data)
    if not found:
        yield Finding(NOTE, name, "The server does not run on this machine.", "crashdesk server run starts it.")
        return
    for part, facts in found.items():
        what = f"{part} is {facts['state']}, started again {facts['restarts']} times"
        advice = "Its last words stand in the server's log." if facts["state"] != "ready" else ""
        yield Finding(OK if facts["state"] == "ready" else ERROR, name, what, advice)


def _all_files(directory: Path) -> Iterator[Path]:
    for parent, _, files in os.walk(directory):
        yield Path(parent)
        yield from (Path(parent) / file for file in files)


def _is_open_or_foreign(path: Path) -> bool:
    try:
        facts = path.lstat()
    except FileNotFoundError:
        return False
    return facts.st_uid != os.geteuid() or bool(facts.st_mode & 0o077)

"""What health checks are told: the collector lives, and whether the server as a whole does its work."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from crashdesk.server.collector.limits import has_room
from crashdesk.server.installation import status_of


@dataclass(frozen=True, slots=True)
class Health:
    """Whether all is well, and each fact by name with what is wrong or ``ok``."""

    is_well: bool
    checks: dict[str, str]


def look(data: Path, *, last_commit_failed: bool, is_database_away: bool = False) -> Health:
    """Look at the disk, the intake and, through the supervisor's notes, at the parts.

    A database that is away is named; the server is ready all the same, since reports are accepted and wait for it.
    """
    checks = {"intake": "not writable" if last_commit_failed else "ok", "disk": _disk(data), **_parts(data)}
    is_well = all(found == "ok" for found in checks.values())
    return Health(is_well, {**checks, "database": "away"} if is_database_away else checks)


def _disk(data: Path) -> str:
    return "ok" if has_room(shutil.disk_usage(data).free, 0) else "full"


def _parts(data: Path) -> dict[str, str]:
    parts = status_of(data)
    if not parts:
        return {"supervisor": "left no notes"}
    return {name: "ok" if part["state"] == "ready" else str(part["state"]) for name, part in parts.items()}

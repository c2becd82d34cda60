"""The figures of a server: what each project received and what became of it, what it takes, and the processes."""

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from crashdesk import clock
from crashdesk.errors import StorageError
from crashdesk.server.administration import start_on
from crashdesk.server.installation import Installation, status_of


def gather(data: Path) -> dict[str, Any]:
    """Return all figures; while reports come in, those of one project may differ by what came in between."""
    server = start_on(data)
    from crashdesk.server.projects import queries  # after Django's start, as all below

    found = [_project(server, project) for project in queries.all_projects()]
    events = sum(project["events"] for project in found)
    sizes = sizes_of(server)
    return {
        "projects": found,
        "bytes": sizes,
        "bytes_per_event": round(sum(sizes.values()) / events) if events else None,
        "oldest_waiting_seconds": oldest_waiting_seconds(server),
        "processes": list(processes(server)),
    }


def in_words(found: dict[str, Any]) -> Iterator[str]:
    """Yield the figures as lines for people."""
    for project in found["projects"]:
        yield f"{project['project']}: {project['events']} events in {project['issues']} issues"
        for row in project["account"]:
            dropped = ", ".join(f"{reason or 'without a reason'} {number}" for reason, number in row["dropped"].items())
            sums = f"{row['received']} received = {row['stored']} stored + {sum(row['dropped'].values())} dropped"
            tail = f" ({dropped})" if dropped else ""
            yield f"  {row['category']}: {sums}{tail} + {row['waiting']} waiting"
            if row["difference"]:
                yield f"  {row['category']}: a difference of {row['difference']}: run crashdesk server check"
    yield "on disk: " + ", ".join(f"{name} {size:,} bytes" for name, size in found["bytes"].items())
    if found["bytes_per_event"] is not None:
        yield f"per event: {found['bytes_per_event']:,} bytes"
    if found["oldest_waiting_seconds"] is not None:
        yield f"the oldest waiting report came {found['oldest_waiting_seconds']:.0f} seconds ago"
    for process in found["processes"]:
        yield f"{process['part']}: {process['state']}, process {process['pid']}, {process['memory_bytes'] or 0:,} bytes"


def sizes_of(server: Installation) -> dict[str, int]:
    """Return the bytes on disk by kind: what the files take, the database's where it is PostgreSQL."""
    from django.db import connection

    from crashdesk.server.events.bodies import blobs

    sizes = {
        "main": _files(server.data, "main.sqlite*"),
        "intake": _files(server.data, "intake.sqlite*"),
        "incoming": _files(server.data / "incoming", "*"),
        "blobs": sum(size for _, size in blobs().objects()),
    }
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database())")
            sizes["main"] = int((cursor.fetchone() or [0])[0])
    return sizes


def oldest_waiting_seconds(server: Installation) -> float | None:
    """Return for how long the oldest report that is not processed waits; None when none does."""
    oldest = min(filter(None, (_oldest_here(server), _oldest_shared())), default=None)
    return None if oldest is None else max(0.0, clock.timestamp() - oldest)


def _oldest_here(server: Installation) -> float | None:
    """Return when the oldest row of this node's file came that is not stored, or handed on, yet."""
    from crashdesk.server.intake.spool import Spool
    from crashdesk.server.operations.backup.positions import stored_up_to

    with closing(Spool(server.intake)) as spool:
        rows = spool.after(stored_up_to(server), 1)
    return rows[0].received_at if rows else None


def _oldest_shared() -> float | None:
    from django.db import connection

    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT received_at FROM intake ORDER BY position LIMIT 1")
        found = cursor.fetchone()
    return None if found is None else float(found[0])


def processes(server: Installation) -> Iterator[dict[str, Any]]:
    """Yield the parts that run on this machine, with their memory: what belongs to each alone and its share."""
    for name, part in status_of(server.data).items():
        pid = part.get("pid")
        yield {
            "part": name,
            "state": part.get("state", ""),
            "pid": pid,
            "restarts": part.get("restarts", 0),
            "memory_bytes": memory_of(pid) if pid else None,
        }


def memory_of(pid: int) -> int | None:
    """Return the proportional set size of a process in bytes; None where the system does not tell."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), None)


def waiting_items(server: Installation, project_id: int) -> Counter[str]:
    """Return how many items of each type the intake holds for a project; empty when it cannot be read."""
    from crashdesk.server.events.intakes import open_intake

    try:
        with closing(open_intake(server)) as intake:
            return intake.waiting_items([project_id])
    except StorageError:
        return Counter()


def _project(server: Installation, project: Any) -> dict[str, Any]:
    from crashdesk.server.events.models import Event
    from crashdesk.server.issues.queries import issue_count
    from crashdesk.server.outcomes import queries

    balances = queries.account([project.pk], waiting=waiting_items(server, project.pk))
    return {
        "project": project.slug,
        "id": project.pk,
        "events": Event.objects.filter(project_id=project.pk).count(),
        "issues": issue_count([project.pk]),
        "account": [
            {
                "category": balance.category,
                "received": balance.received,
                "stored": balance.stored,
                "dropped": balance.dropped,
                "waiting": balance.waiting,
                "difference": balance.difference,
            }
            for balance in balances
        ],
    }


def _files(directory: Path, pattern: str) -> int:
    total = 0
    for path in directory.glob(pattern):
        try:
            total += os.lstat(path).st_blocks * 512  # what is taken: erased parts are holes
        except FileNotFoundError:  # it was a body that has just been processed
            continue
    return total

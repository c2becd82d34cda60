"""Locks among processors: who stores for a project does so alone until its transaction ends."""

from collections.abc import Collection

from django.db import connection

_STORING = 0x63726473  # "crds": our class of advisory locks, so that no other program's numbers are met


def lock_projects(project_ids: Collection[int]) -> None:
    """Wait until no other transaction stores for one of these projects; belongs into a transaction.

    On SQLite a transaction that writes is alone anyway.
    """
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for project_id in sorted(project_ids):  # everybody in one order, so that nobody waits in a circle
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", (_STORING, project_id % 2**31))

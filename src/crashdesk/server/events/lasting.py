"""Makes what was committed outlive a power loss, before something is removed that the former state still names.

PostgreSQL does so at each commit. The SQLite database is committed without a sync, so its files are synced by hand.
"""

from pathlib import Path

from django.db import connection

from crashdesk.server.intake import sqlite


def make_lasting() -> None:
    """Sync the main database as it is now; raises StorageError when the disk cannot."""
    if connection.vendor != "sqlite":
        return
    sqlite.sync(Path(str(connection.settings_dict["NAME"])))

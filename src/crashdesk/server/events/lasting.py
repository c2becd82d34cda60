"""Makes what was committed outlive a power loss, before something is removed that the former state still names.

PostgreSQL does so at each commit. The SQLite database is committed without a sync, so its files are synced by hand.
"""

import os
from contextlib import suppress
from pathlib import Path

from django.db import connection

from crashdesk.errors import StorageError


def make_lasting() -> None:
    """Sync the main database as it is now; raises StorageError when the disk cannot."""
    if connection.vendor != "sqlite":
        return
    main = Path(str(connection.settings_dict["NAME"]))
    for path in (main.with_name(f"{main.name}-wal"), main):  # the order in which pages travel
        with suppress(FileNotFoundError):
            descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
            try:
                os.fsync(descriptor)
            except OSError as error:
                raise StorageError(f"{path} cannot be synced ({error.strerror}).") from error
            finally:
                os.close(descriptor)

"""Whether this machine keeps bodies where all nodes on its database look for them; asked before anything starts.

A folder is known by a name of chance that lies in it, an object store by its address. The first node that starts says
which one it is.
"""

import secrets
from contextlib import suppress
from pathlib import Path

from crashdesk import logs, settings
from crashdesk.errors import StorageError, UsageError
from crashdesk.server.installation import Installation, replace_file
from crashdesk.server.intake import postgres

IDENTITY = "identity"
_BODIES = "bodies"

log = logs.logger("supervisor")


def check(server: Installation) -> None:
    """Raise UsageError when other nodes keep bodies elsewhere; while the database is away nobody knows."""
    if not server.database:
        return
    store: str = settings.value("blobs")
    mine = store.rstrip("/") or identity(server.blobs)
    try:
        known = _known(server.database, mine, is_store=bool(store))
    except StorageError as error:
        log.warning("%s", error)
        return
    if known != mine:
        where = known if "://" in known else "a folder"
        raise UsageError(
            f"The other machines keep bodies in {where}, this one would keep them in {store or server.blobs}: name the"
            " place that all reach with --blobs, or let that directory be one shared folder."
        )


def identity(folder: Path) -> str:
    """Return the name by which a folder is known wherever it is mounted; a folder without one gets it."""
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    file = folder / IDENTITY
    with suppress(FileNotFoundError):
        return file.read_text("ascii")
    replace_file(file, secrets.token_hex(16).encode("ascii"))
    return file.read_text("ascii")


def _known(url: str, mine: str, *, is_store: bool) -> str:
    """Return where bodies are kept as the database knows it; where it knows nothing, or only a folder, say mine.

    Who moves on from a folder to an object store does so with one machine first.
    """
    with postgres.connect(url, "start") as connection:
        try:
            connection.execute(
                "INSERT INTO shared_place (what, place) VALUES (%s, %s) ON CONFLICT (what) DO UPDATE"
                " SET place = excluded.place WHERE %s AND shared_place.place NOT LIKE '%%://%%'",
                (_BODIES, mine, is_store),
            )
            row = connection.execute("SELECT place FROM shared_place WHERE what = %s", (_BODIES,)).fetchone()
        except postgres.library().Error as error:
            raise postgres.away(url, error) from error
    return str(row[0]) if row else mine

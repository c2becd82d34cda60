"""Whether the main database is already as this code wants it, told without Django: a second saved at each start.

``schema.json`` holds what the last migration was made with: a digest of the code's migrations and of the libraries that
bring some, and what the database said of itself afterwards. Anything else means that Django has to look.
"""

import hashlib
import json
from contextlib import closing
from importlib.metadata import version
from pathlib import Path

from crashdesk import logs
from crashdesk.errors import StorageError
from crashdesk.server import installation
from crashdesk.server.installation import Installation
from crashdesk.server.intake import postgres, sqlite

FILE_NAME = "schema.json"
_WITH_MIGRATIONS = ("crashdesk", "django", "django-allauth")
_APPLIED = "SELECT count(*), max(id) FROM django_migrations"

log = logs.logger("supervisor")


def is_current(server: Installation) -> bool:
    """Whether the database was migrated by the very same code and not changed since.

    A PostgreSQL that is away is believed to be: the collector may start then, and the others wait for it.
    """
    try:
        noted = json.loads((server.data / FILE_NAME).read_text("utf-8"))
        if noted["code"] != _digest_of_code():
            return False
        return bool(noted["applied"] == _applied(server))
    except (OSError, ValueError, TypeError, KeyError, sqlite.library().Error):
        return False
    except StorageError as error:
        log.warning("%s", error)
        return True


def note(server: Installation) -> None:
    """Remember that the database has just been migrated by this code."""
    facts = {"code": _digest_of_code(), "applied": _applied(server)}
    installation.replace_file(server.data / FILE_NAME, json.dumps(facts).encode())


def _digest_of_code() -> str:
    own = sorted(str(path.relative_to(_HERE)) for path in _HERE.glob("*/migrations/*.py"))
    return hashlib.sha256("\n".join([*own, *map(version, _WITH_MIGRATIONS)]).encode()).hexdigest()


def _applied(server: Installation) -> list[int]:
    """Return how many migrations the database names, and the number of the last; raises StorageError when it is away.

    A PostgreSQL without the table of migrations has none.
    """
    if not server.database:
        with closing(sqlite.open_for_reading(server.main)) as file:
            return list(file.execute(_APPLIED).fetchone())
    with postgres.connect(server.database, "start") as connection:
        found = connection.execute("SELECT to_regclass('django_migrations') IS NOT NULL").fetchone()
        has_tables = bool(found and found[0])
        return list(connection.execute(_APPLIED).fetchone() or ()) if has_tables else []


_HERE = Path(__file__).parent

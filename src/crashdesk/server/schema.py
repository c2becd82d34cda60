"""Whether the main database is already as this code wants it, told without Django: a second saved at each start.

``schema.json`` holds what the last migration was made with: a digest of the code's migrations and of the libraries that
bring some, and what the database said of itself afterwards. Anything else means that Django has to look.
"""

import hashlib
import json
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from typing import Any

from crashdesk.server import installation
from crashdesk.server.installation import Installation
from crashdesk.server.intake import sqlite

FILE_NAME = "schema.json"
_WITH_MIGRATIONS = ("crashdesk", "django", "django-allauth")


def is_current(server: Installation) -> bool:
    """Whether the database was migrated by the very same code and not changed since."""
    try:
        noted = json.loads((server.data / FILE_NAME).read_text("utf-8"))
        return bool(noted == _facts(server))
    except (OSError, ValueError, sqlite.library().Error):
        return False


def note(server: Installation) -> None:
    """Remember that the database has just been migrated by this code."""
    installation.replace_file(server.data / FILE_NAME, json.dumps(_facts(server)).encode())


def _facts(server: Installation) -> dict[str, Any]:
    return {"code": _digest_of_code(), "applied": _applied(server.main)}


def _digest_of_code() -> str:
    own = sorted(str(path.relative_to(_HERE)) for path in _HERE.glob("*/migrations/*.py"))
    return hashlib.sha256("\n".join([*own, *map(version, _WITH_MIGRATIONS)]).encode()).hexdigest()


def _applied(main: Path) -> list[int]:
    """Return how many migrations the database names, and the number of the last."""
    with closing(sqlite.open_for_reading(main)) as connection:
        return list(connection.execute("SELECT count(*), max(id) FROM django_migrations").fetchone())


_HERE = Path(__file__).parent

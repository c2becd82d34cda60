"""Django's description of the main database: the file in the data directory, or PostgreSQL by its address."""

from pathlib import Path
from typing import Any

from crashdesk.server.intake import postgres, sqlite

_OWN_NAMES = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}


def main_database(address: str, file: Path | None) -> dict[str, Any]:
    """Return the entry for ``DATABASES``; without an address it is `file`, or memory where there is none either."""
    return _postgres(address) if address else _sqlite(file)


def _sqlite(file: Path | None) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": file or ":memory:",
        "CONN_MAX_AGE": None,  # the web process keeps one connection a thread
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": f"PRAGMA journal_mode={sqlite.journal_mode()}; PRAGMA synchronous=NORMAL;"
            " PRAGMA temp_store=MEMORY; PRAGMA cache_size=-65536;"
            f" PRAGMA wal_autocheckpoint={sqlite.CHECKPOINT_PAGES}; PRAGMA journal_size_limit=67108864;",
        },
    }


def _postgres(address: str) -> dict[str, Any]:
    """Return the entry for PostgreSQL; times are UTC, since ``USE_TZ`` is on."""
    found = postgres.parameters(address)
    entry = {name: str(found.pop(ours)) for ours, name in _OWN_NAMES.items() if ours in found}
    return {
        "ENGINE": "django.db.backends.postgresql",
        **entry,
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,  # a connection that PostgreSQL's restart has cut is opened again
        "OPTIONS": {"application_name": "crashdesk", **found},
    }

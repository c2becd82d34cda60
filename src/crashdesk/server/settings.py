"""Translates our settings and the data directory's ``server.json`` into Django's names; no default of its own."""

import json
from pathlib import Path
from typing import Any

from crashdesk import settings as crashdesk_settings

_data: Path | None = crashdesk_settings.value("data")
_facts: dict[str, Any] = (
    json.loads((_data / "server.json").read_text("utf-8")) if _data and (_data / "server.json").exists() else {}
)

DEBUG = False
SECRET_KEY = _facts.get("secret_key", "only-for-commands-that-serve-nobody")
CRASHDESK_DATA = _data
CRASHDESK_URL = _facts.get("url", "")

INSTALLED_APPS = [
    "crashdesk.server.projects",
    "crashdesk.server.accounts",
    "crashdesk.server.events",
    "crashdesk.server.issues",
    "crashdesk.server.feedback",
    "crashdesk.server.outcomes",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": (_data / "main.sqlite") if _data else ":memory:",
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA temp_store=MEMORY;"
            " PRAGMA cache_size=-65536; PRAGMA journal_size_limit=67108864;",
        },
    }
}

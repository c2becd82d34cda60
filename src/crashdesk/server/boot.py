"""Starts Django in this process on one data directory; what ``server.json`` says is read at that moment."""

import os
from pathlib import Path

from crashdesk import settings
from crashdesk.server.installation import PRIVATE_UMASK


def start_django(data: Path) -> None:
    """Make Django ready; a process works on one directory in its life."""
    os.umask(PRIVATE_UMASK)
    settings.use("data", data)
    settings.export("DJANGO_SETTINGS_MODULE", "crashdesk.server.settings")
    import django

    django.setup()
